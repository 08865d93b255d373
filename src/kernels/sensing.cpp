// SPDX-License-Identifier: Apache-2.0
#include "kernels/sensing.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "capcam/error.h"
#include "kernels/matchline.h"

namespace capcam {

Sensing::Sensing(const SensingParams& params, const Segmentation& segmentation)
    : params_(params), segmentation_(segmentation) {
  const std::uint64_t top = largest_score(params, segmentation.head_dim);
  if (top > std::numeric_limits<std::int32_t>::max()) throw LawBroken("Sensing: a score does not fit 32 bits");
  max_score_ = static_cast<std::int32_t>(top);
  if (params.kind == SensingKind::ideal) return;
  scores_per_match_ = std::int32_t{1} << params.bits;
  // Full segments are alike; only the last may be narrower.
  score_step_ = static_cast<std::int32_t>(
      std::gcd(segmentation.used_columns(0), segmentation.used_columns(segmentation.segments() - 1)));
}

std::uint32_t Sensing::code(std::uint32_t segment, std::uint32_t matches) const {
  if (params_.kind == SensingKind::ideal) return matches;
  return converter_code(params_, segmentation_.used_columns(segment), matches);
}

std::int32_t Sensing::score(std::uint32_t segment, std::uint32_t code) const {
  if (params_.kind == SensingKind::ideal) return static_cast<std::int32_t>(code);
  return static_cast<std::int32_t>(code * segmentation_.used_columns(segment));
}

std::uint64_t largest_score(const SensingParams& params, std::uint64_t head_dim) {
  if (params.kind == SensingKind::ideal) return head_dim;
  return ((std::uint64_t{1} << params.bits) - 1) * head_dim;  // the last code in every segment
}

}  // namespace capcam
