// Types that the steps of a search share: vectors of a block's lanes, and the blocks that a query can reach.
// SPDX-License-Identifier: Apache-2.0
#if defined(CAPCAM_KERNELS_SIMD_REACH_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef CAPCAM_KERNELS_SIMD_REACH_INL_H
#undef CAPCAM_KERNELS_SIMD_REACH_INL_H
#else
#define CAPCAM_KERNELS_SIMD_REACH_INL_H
#endif

#include <hwy/highway.h>

#include <vector>

#include "kernels/simd/search_call.h"

HWY_BEFORE_NAMESPACE();
namespace capcam::simd::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

constexpr std::uint32_t block = KeyPlanes::block;

// A vector that has at most a block's lanes.
template <class T>
using Lanes = hn::CappedTag<T, block>;

template <class T>
T* as(std::vector<std::uint8_t>& bytes) {
  return reinterpret_cast<T*>(bytes.data());
}

// The blocks and tiles that hold a query's valid keys, at least one.
struct Reach {
  std::uint32_t first_tile, last_tile;    // [first, last)
  std::uint32_t first_block, last_block;  // [first, last)
};

inline Reach reach_of(const SearchCall& call) {
  const Placement& placement = call.keys.placement();
  const std::uint32_t first = placement.first_tile(call.valid.begin()), last = placement.end_tile(call.valid.end());
  return {first, last, first / block, (last + block - 1) / block};
}

}  // namespace capcam::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
