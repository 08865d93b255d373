// The search of one query, as the vector code gets it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/simd/search.h"

namespace capcam::simd {

struct SearchCall {
  const KeyPlanes& keys;
  const std::vector<SegmentRule>& rules;
  std::uint32_t tile_k;
  std::uint32_t n;
  std::uint32_t largest_level;
  const ValidKeys& valid;
  const RandomPlanes* random;  // null if codes depend on match counts alone
  std::uint32_t query;
  std::uint64_t identity;
};

}  // namespace capcam::simd
