// Softmax over the kept keys by table. The table has one exp per possible score distance from the best, rounded to the
// format; sums and the division are fp32; weights are rounded to the format.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "capcam/config.h"
#include "core/number_format.h"
#include "kernels/selection.h"
#include "kernels/sensing.h"

namespace capcam {

inline float round_to(NumberFormat format, float value) {
  return format == NumberFormat::bf16 ? round_bf16(value) : value;
}

class ExpTable {
 public:
  // Entry i is exp(-score_scale * 2 * i * score_step / scores_per_match), computed in double, rounded to fp32 and then
  // to the format. `score_scale` = sigma_q * sigma_k * scale multiplies s = 2m - D, hence the 2.
  ExpTable(NumberFormat format, double score_scale, const Sensing& sensing);

  // Returns the entry for a score `distance` (>= 0, a multiple of score_step) below the best.
  float operator()(std::int32_t distance) const { return at_step(static_cast<std::uint32_t>(distance / step_)); }
  // Returns the same by score steps.
  float at_step(std::uint32_t steps) const { return entries_[steps]; }

 private:
  std::int32_t step_ = 1;
  std::vector<float> entries_;
};

// exponentials[i] = table(best - score of i), best first. Returns their fp32 sum in that order.
float exponentiate(const ExpTable& table, std::span<const Candidate> selection, std::span<float> exponentials);

// Replaces exponentials[i] by weights[i] = exponentials[i] / sum, rounded to the format.
void divide(NumberFormat format, float sum, std::span<float> exponentials);

}  // namespace capcam
