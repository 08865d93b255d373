// Computes a * b + c in fp32, rounded once, the same on every instruction set.
// SPDX-License-Identifier: Apache-2.0
#if defined(CAPCAM_KERNELS_SIMD_FUSED_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef CAPCAM_KERNELS_SIMD_FUSED_INL_H
#undef CAPCAM_KERNELS_SIMD_FUSED_INL_H
#else
#define CAPCAM_KERNELS_SIMD_FUSED_INL_H
#endif

#include <hwy/highway.h>

#include <cmath>
#include <cstdint>

HWY_BEFORE_NAMESPACE();
namespace capcam::simd::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_NATIVE_FMA

template <class V>
HWY_INLINE V fused(V a, V b, V c) {
  return hn::MulAdd(a, b, c);
}

#elif HWY_TARGET == HWY_SCALAR

template <class V>
HWY_INLINE V fused(V a, V b, V c) {
  return hn::Set(hn::DFromV<V>(), std::fma(hn::GetLane(a), hn::GetLane(b), hn::GetLane(c)));
}

#else

// In double the product of two floats is exact. Its sum with c is rounded to odd: if it is not exact and its last bit
// is 0, it becomes the neighbour towards the exact sum, whose last bit is 1. Rounding that to fp32 is rounding the
// exact sum (Boldo and Melquiond 2008).
template <class D, class V>
HWY_INLINE V sum_to_odd(D d, V product, V c) {
  const hn::RebindToUnsigned<D> bits;
  const auto sum = hn::Add(product, c);
  const auto of_c = hn::Sub(sum, product);  // two-sum: what is lost, exactly
  const auto lost = hn::Add(hn::Sub(product, hn::Sub(sum, of_c)), hn::Sub(c, of_c));
  const auto one = hn::Set(bits, std::uint64_t{1});
  const auto pattern = hn::BitCast(bits, sum);
  const auto even = hn::AndNot(pattern, one);
  const auto inexact = hn::BitCast(bits, hn::VecFromMask(d, hn::Ne(lost, hn::Zero(d))));
  const auto step = hn::And(even, inexact);
  const auto away = hn::ShiftRight<63>(hn::Xor(pattern, hn::BitCast(bits, lost)));  // 1: towards zero
  return hn::BitCast(d, hn::Sub(hn::Add(pattern, step), hn::ShiftLeft<1>(hn::And(step, away))));
}

template <class V>
HWY_INLINE V fused(V a, V b, V c) {
  const hn::DFromV<V> d;
  const hn::Half<decltype(d)> half;
  const hn::RepartitionToWide<decltype(d)> wide;
  const auto low = sum_to_odd(
      wide, hn::Mul(hn::PromoteTo(wide, hn::LowerHalf(half, a)), hn::PromoteTo(wide, hn::LowerHalf(half, b))),
      hn::PromoteTo(wide, hn::LowerHalf(half, c)));
  const auto high = sum_to_odd(
      wide, hn::Mul(hn::PromoteTo(wide, hn::UpperHalf(half, a)), hn::PromoteTo(wide, hn::UpperHalf(half, b))),
      hn::PromoteTo(wide, hn::UpperHalf(half, c)));
  return hn::Combine(d, hn::DemoteTo(half, high), hn::DemoteTo(half, low));
}

#endif

}  // namespace capcam::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
