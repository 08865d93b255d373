// SPDX-License-Identifier: Apache-2.0
#include "kernels/simd/accumulate.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/accumulate.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace capcam::simd::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Keeps `columns` vectors of an output in registers at once.
template <std::size_t columns>
HWY_INLINE void add_columns(std::span<const float> weights, std::span<const std::uint32_t> keys,
                            const float* HWY_RESTRICT values, std::size_t value_dim, float* HWY_RESTRICT output) {
  const hn::ScalableTag<float> d;
  const std::size_t n = hn::Lanes(d);
  auto a = hn::Zero(d), b = a, c = a, e = a;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const auto weight = hn::Set(d, weights[i]);
    const float* row = values + std::size_t{keys[i]} * value_dim;
    a = hn::Add(a, hn::Mul(weight, hn::LoadU(d, row)));
    if constexpr (columns > 1) b = hn::Add(b, hn::Mul(weight, hn::LoadU(d, row + n)));
    if constexpr (columns > 2) c = hn::Add(c, hn::Mul(weight, hn::LoadU(d, row + 2 * n)));
    if constexpr (columns > 3) e = hn::Add(e, hn::Mul(weight, hn::LoadU(d, row + 3 * n)));
  }
  hn::StoreU(a, d, output);
  if constexpr (columns > 1) hn::StoreU(b, d, output + n);
  if constexpr (columns > 2) hn::StoreU(c, d, output + 2 * n);
  if constexpr (columns > 3) hn::StoreU(e, d, output + 3 * n);
}

inline void add_values(std::span<const float> weights, std::span<const std::uint32_t> keys, const float* values,
                       std::span<float> output) {
  const std::size_t n = hn::Lanes(hn::ScalableTag<float>()), value_dim = output.size();
  std::size_t column = 0;
  for (; column + 4 * n <= value_dim; column += 4 * n)
    add_columns<4>(weights, keys, values + column, value_dim, output.data() + column);
  for (; column + n <= value_dim; column += n)
    add_columns<1>(weights, keys, values + column, value_dim, output.data() + column);
  if (column == value_dim) return;
  std::fill(output.begin() + static_cast<std::ptrdiff_t>(column), output.end(), 0.0f);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const float* row = values + std::size_t{keys[i]} * value_dim;
    for (std::size_t at = column; at < value_dim; ++at) output[at] += weights[i] * row[at];
  }
}

}  // namespace capcam::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace capcam::simd {

HWY_EXPORT(add_values);

void accumulate_values(std::span<const float> weights, std::span<const std::uint32_t> keys, const float* values,
                       std::span<float> output) {
  HWY_DYNAMIC_DISPATCH(add_values)(weights, keys, values, output);
}

}  // namespace capcam::simd
#endif
