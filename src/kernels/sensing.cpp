// SPDX-License-Identifier: Apache-2.0
#include "kernels/sensing.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "capcam/converter.h"
#include "capcam/error.h"
#include "kernels/matchline.h"

namespace capcam {

Sensing::Sensing(const Config& config, const Segmentation& segmentation) : segmentation_(segmentation) {
  const SensingParams& params = config.sensing;
  const std::unique_ptr<const Converter> converter = make_converter(params);
  counts_matches_ = converter->input() == ConverterInput::match_count;
  const std::uint64_t top = largest_score(params, segmentation.head_dim);
  if (top > std::numeric_limits<std::int32_t>::max()) throw LawBroken("Sensing: a score does not fit 32 bits");
  max_score_ = static_cast<std::int32_t>(top);
  const std::uint32_t first = segmentation.used_columns(0),
                      last = segmentation.used_columns(segmentation.segments() - 1);
  codes_ = {converter_codes(*converter, config, first), converter_codes(*converter, config, last)};
  if (counts_matches_) return;
  scores_per_match_ = std::int32_t{1} << params.bits;
  // Full segments are alike; only the last may be narrower.
  score_step_ = static_cast<std::int32_t>(std::gcd(first, last));
}

std::int32_t Sensing::score(std::uint32_t segment, std::uint32_t code) const {
  if (counts_matches_) return static_cast<std::int32_t>(code);
  return static_cast<std::int32_t>(code * segmentation_.used_columns(segment));
}

std::uint64_t largest_score(const SensingParams& params, std::uint64_t head_dim) {
  if (make_converter(params)->input() == ConverterInput::match_count) return head_dim;
  return ((std::uint64_t{1} << params.bits) - 1) * head_dim;  // every segment has the last code
}

}  // namespace capcam
