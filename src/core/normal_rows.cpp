// SPDX-License-Identifier: Apache-2.0
#include "core/normal_rows.h"

#include <cstddef>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/normal_rows.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
//
#include <hwy/contrib/math/math-inl.h>

HWY_BEFORE_NAMESPACE();
namespace capcam::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Words = hn::CappedTag<std::uint64_t, 8>;  // a 32-bit word each; what lies above it has no meaning
using Reals = hn::CappedTag<double, 8>;

// Returns 64-bit products of the low halves.
template <class V>
HWY_INLINE V low_products(V a, V b) {
#if HWY_TARGET == HWY_SCALAR
  return hn::Mul(hn::And(a, hn::Set(Words(), 0xffffffffu)), b);
#else
  const hn::Repartition<std::uint32_t, Words> halves;
  return hn::MulEven(hn::BitCast(halves, a), hn::BitCast(halves, b));
#endif
}

// Does philox_uniform().
template <class V>
HWY_INLINE hn::Vec<Reals> uniforms(V high, V low) {
  const Words d;
  const Reals real;
  const auto bits = hn::Or(hn::ShiftLeft<32>(high), hn::And(low, hn::Set(d, 0xffffffffu)));
  const auto shifted = hn::Or(hn::ShiftRight<12>(bits), hn::Set(d, 0x4330000000000000u));  // 2^52 + the number
  const auto whole = hn::Sub(hn::BitCast(real, shifted), hn::Set(real, 0x1p52));
  return hn::Mul(hn::Add(whole, hn::Set(real, 0.5)), hn::Set(real, 0x1p-52));
}

// Rounds to fp32. Returns whether all numbers within 2^-46 of each are rounded to the same one; Log, Cos and Sin are
// good to 4 units in the last of 53 places, and the standard library's are better.
template <class V>
HWY_INLINE bool round_surely(V numbers, float* out) {
  const Reals d;
  const hn::Rebind<float, Reals> narrow;
  const auto low = hn::DemoteTo(narrow, hn::Mul(numbers, hn::Set(d, 1.0 - 0x1p-46)));
  const auto high = hn::DemoteTo(narrow, hn::Mul(numbers, hn::Set(d, 1.0 + 0x1p-46)));
  hn::StoreU(low, narrow, out);
  return hn::AllTrue(narrow, hn::Eq(low, high));
}

// Writes the normals of as many draws as a vector has lanes, from counter on. Returns false if one of them must be
// computed by the standard library to be rounded as it would be.
inline bool draw(const PhiloxCounter& counter, PhiloxKey key, float* out) {
  const Words d;
  const Reals real;
  const auto multiplier_0 = hn::Set(d, philox_multiplier_0), multiplier_1 = hn::Set(d, philox_multiplier_1);
  auto c0 = hn::Iota(d, counter[0]);
  auto c1 = hn::Set(d, counter[1]), c2 = hn::Set(d, counter[2]), c3 = hn::Set(d, counter[3]);
  for (int round = 0; round < 10; ++round) {
    const auto product_0 = low_products(c0, multiplier_0), product_1 = low_products(c2, multiplier_1);
    c0 = hn::Xor(hn::Xor(hn::ShiftRight<32>(product_1), c1), hn::Set(d, key[0]));
    c1 = product_1;
    c2 = hn::Xor(hn::Xor(hn::ShiftRight<32>(product_0), c3), hn::Set(d, key[1]));
    c3 = product_0;
    key = {key[0] + philox_weyl_0, key[1] + philox_weyl_1};
  }
  const auto radius = hn::Sqrt(hn::Mul(hn::Set(real, -2.0), hn::Log(real, uniforms(c0, c1))));
  const auto angle = hn::Mul(hn::Set(real, 2.0 * std::numbers::pi), uniforms(c2, c3));
  float first[hn::MaxLanes(real)], second[hn::MaxLanes(real)];
  const bool sure = round_surely(hn::Mul(radius, hn::Cos(real, angle)), first) &&
                    round_surely(hn::Mul(radius, hn::Sin(real, angle)), second);
  if (!sure) return false;
  for (std::size_t i = 0; i < hn::Lanes(real); ++i) {
    out[2 * i] = first[i];
    out[2 * i + 1] = second[i];
  }
  return true;
}

inline void fill(PhiloxCounter counter, PhiloxKey key, std::span<float> out) {
  const auto plain = [&](std::size_t numbers) {
    for (std::size_t i = 0; i < numbers; i += 2) {
      const std::array<double, 2> pair = philox_normals(counter, key);
      out[i] = static_cast<float>(pair[0]);
      if (i + 1 < numbers) out[i + 1] = static_cast<float>(pair[1]);
      ++counter[0];
    }
  };
  const auto draws = static_cast<std::uint32_t>(hn::Lanes(Reals()));
  for (; out.size() >= 2 * std::size_t{draws}; out = out.subspan(2 * std::size_t{draws})) {
    if (draw(counter, key, out.data())) {
      counter[0] += draws;
    } else {
      plain(2 * std::size_t{draws});
    }
  }
  plain(out.size());
}

}  // namespace capcam::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace capcam {

HWY_EXPORT(fill);

void fill_normals(PhiloxCounter counter, PhiloxKey key, std::span<float> out) {
  HWY_DYNAMIC_DISPATCH(fill)(counter, key, out);
}

}  // namespace capcam
#endif
