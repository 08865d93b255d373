// SPDX-License-Identifier: Apache-2.0
#include "kernels/softmax.h"

#include <cmath>

#include "core/target_clones.h"

namespace capcam {

ExpTable::ExpTable(NumberFormat format, double score_scale, const Sensing& sensing) : step_(sensing.score_step()) {
  entries_.resize(static_cast<std::size_t>(sensing.max_score() / step_) + 1);
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    // The distance in s is exact in double: scores_per_match is a power of two.
    const double distance = 2.0 * static_cast<double>(i) * step_ / sensing.scores_per_match();
    entries_[i] = round_to(format, static_cast<float>(std::exp(-score_scale * distance)));
  }
}

float exponentiate(const ExpTable& table, std::span<const Candidate> selection, std::span<float> exponentials) {
  float sum = 0.0f;
  for (std::size_t i = 0; i < selection.size(); ++i) {
    exponentials[i] = table(selection.front().score - selection[i].score);
    sum += exponentials[i];
  }
  return sum;
}

CAPCAM_VECTOR_CLONES
void divide(NumberFormat format, float sum, std::span<float> exponentials) {
  if (format == NumberFormat::fp32) {
    for (float& value : exponentials) value /= sum;
  } else {
    for (float& value : exponentials) value = round_bf16(value / sum);
  }
}

}  // namespace capcam
