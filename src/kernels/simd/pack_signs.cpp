// SPDX-License-Identifier: Apache-2.0
#include "kernels/simd/pack_signs.h"

#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/pack_signs.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace capcam::simd::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

inline std::uint64_t pack_signs(const float* values, std::size_t count) {
  const hn::CappedTag<float, 64> d;
  const std::size_t lanes = hn::Lanes(d);
  std::uint64_t word = 0;
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    std::uint8_t stored[16] = {};  // 8 bytes may be written even if fewer are needed
    hn::StoreMaskBits(d, hn::Ge(hn::LoadU(d, values + i), hn::Zero(d)), stored);
    std::uint64_t bits = 0;
    std::memcpy(&bits, stored, sizeof bits);
    word |= bits << i;
  }
  for (; i < count; ++i) word |= std::uint64_t{values[i] >= 0.0f} << i;
  return word;
}

}  // namespace capcam::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace capcam::simd {

HWY_EXPORT(pack_signs);

std::uint64_t pack_signs(std::span<const float> values) {
  return HWY_DYNAMIC_DISPATCH(pack_signs)(values.data(), values.size());
}

}  // namespace capcam::simd
#endif
