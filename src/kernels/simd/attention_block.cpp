// SPDX-License-Identifier: Apache-2.0
#include "kernels/simd/attention_block.h"

#include <algorithm>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/attention_block.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
//
#include "kernels/simd/multiply-inl.h"

HWY_BEFORE_NAMESPACE();
namespace capcam::simd::HWY_NAMESPACE {

using Floats = hn::CappedTag<float, value_lanes>;
using Doubles = hn::CappedTag<double, value_lanes / 2>;

// Scores begin at 0 and are multiplied by a factor when they are complete.
template <class T>
struct ScoreEnds {
  T factor;
  T* scores;
  std::size_t stride;
  template <class D>
  HWY_INLINE hn::Vec<D> begin(D d, std::size_t, std::size_t) const {
    return hn::Zero(d);
  }
  template <class D>
  HWY_INLINE void end(D d, std::size_t row, std::size_t column, hn::Vec<D> sum) const {
    hn::StoreU(hn::Mul(sum, hn::Set(d, factor)), d, scores + row * stride + column);
  }
  ScoreEnds from(std::size_t column) const { return {factor, scores + column, stride}; }
};

// Asks for a share of `ahead`, the panel after this one, with every four queries, so that long heads come from memory
// while the processor multiplies.
template <class D, class T, class AddProduct>
HWY_INLINE void score_panel(D d, AddProduct add, const T* panel, std::size_t dimensions, const T* queries,
                            std::size_t count, T factor, T* scores, std::size_t stride, std::span<const float> ahead) {
  const std::size_t share = (ahead.size() * 4 / count + cache_line - 1) / cache_line * cache_line;
  for (std::size_t i = 0; i < count; i += 4) {
    prefetch(ahead.first(std::min(share, ahead.size())));
    ahead = ahead.subspan(std::min(share, ahead.size()));
    multiply(d, FourRows<T>(queries + i * dimensions, dimensions, count - i), dimensions, panel, Panels::width,
             Panels::width, add, ScoreEnds<T>{factor, scores + i * stride, stride});
  }
}

inline void score_panel_double(const double* panel, std::size_t dimensions, const double* queries, std::size_t count,
                               double factor, double* scores, std::size_t stride, std::span<const float> ahead) {
  score_panel(Doubles(), AddExact(), panel, dimensions, queries, count, factor, scores, stride, ahead);
}
inline void score_panel_float(const float* panel, std::size_t dimensions, const float* queries, std::size_t count,
                              float factor, float* scores, std::size_t stride, std::span<const float> ahead) {
  score_panel(Floats(), AddRounded(), panel, dimensions, queries, count, factor, scores, stride, ahead);
}

inline void widen(std::span<const float> from, double* to) {
  const Doubles d;
  const hn::Rebind<float, Doubles> narrow;
  std::size_t i = 0;
  for (; i + hn::Lanes(d) <= from.size(); i += hn::Lanes(d))
    hn::StoreU(hn::PromoteTo(d, hn::LoadU(narrow, from.data() + i)), d, to + i);
  for (; i < from.size(); ++i) to[i] = from[i];
}

inline double largest_of(std::span<const double> scores) {
  const Doubles d;
  const std::size_t n = hn::Lanes(d);
  auto a = hn::Set(d, -std::numeric_limits<double>::infinity()), b = a;
  for (std::size_t i = 0; i < scores.size(); i += 2 * n) {
    a = hn::Max(a, hn::LoadU(d, scores.data() + i));
    b = hn::Max(b, hn::LoadU(d, scores.data() + i + n));
  }
  // Not hn::MaxOfLanes: clang's reduction with AVX-512 makes the lowest finite number of minus infinity.
  HWY_ALIGN double lanes[hn::MaxLanes(d)];
  hn::Store(hn::Max(a, b), d, lanes);
  return *std::max_element(lanes, lanes + n);
}

// Adds part to `to`, in double.
template <class V>
HWY_INLINE void add_widened(V part, double* to) {
  const Doubles wide;
  const hn::Rebind<float, Doubles> narrow;
  HWY_ALIGN float parts[value_lanes];
  hn::Store(part, Floats(), parts);
  for (std::size_t i = 0; i < hn::Lanes(Floats()); i += hn::Lanes(wide))
    hn::StoreU(hn::Add(hn::LoadU(wide, to + i), hn::PromoteTo(wide, hn::Load(narrow, parts + i))), wide, to + i);
}

// Splits x = scores * log2_e - top, not below -150, into whole numbers and fractions in [-1/2, 1/2].
inline void split_exponents(std::span<const double> scores, double log2_e, double top, std::int32_t* whole,
                            float* fraction) {
  const Doubles d;
  const hn::Rebind<float, Doubles> narrow;
  const hn::Rebind<std::int32_t, Doubles> narrow_whole;
  const auto least = hn::Set(d, -150.0), factor = hn::Set(d, log2_e), one = hn::Set(d, top);
  for (std::size_t i = 0; i < scores.size(); i += hn::Lanes(d)) {
    const auto x = hn::Max(hn::Sub(hn::Mul(hn::LoadU(d, scores.data() + i), factor), one), least);
    const auto nearest = hn::Round(x);
    hn::StoreU(hn::DemoteTo(narrow_whole, nearest), narrow_whole, whole + i);
    hn::StoreU(hn::DemoteTo(narrow, hn::Sub(x, nearest)), narrow, fraction + i);
  }
}

// 2^x = 1 + x p(x): p is the polynomial of degree 5 through (2^x - 1) / x at the six Chebyshev nodes of [-1/2, 1/2];
// it is within 1e-8 of it, and the sum in fp32 within 0.6 of a last place.
inline void add_exponentials(std::span<const double> scores, double log2_e, double top, float* weights, double* sums) {
  const Floats d;
  const hn::RebindToSigned<Floats> d_whole;
  HWY_ALIGN std::int32_t whole[key_tile];
  HWY_ALIGN float fraction[key_tile];
  split_exponents(scores, log2_e, top, whole, fraction);
  for (std::size_t part = 0; part < value_lanes; part += hn::Lanes(d)) {
    auto sum = hn::Zero(d);
    for (std::size_t i = part; i < scores.size(); i += value_lanes) {
      const auto x = hn::Load(d, fraction + i);
      const auto power = hn::Load(d_whole, whole + i);
      auto p = hn::Set(d, 0x1.44138ap-13f);
      p = fused(p, x, hn::Set(d, 0x1.5f0890p-10f));
      p = fused(p, x, hn::Set(d, 0x1.3b2a54p-7f));
      p = fused(p, x, hn::Set(d, 0x1.c6af6cp-5f));
      p = fused(p, x, hn::Set(d, 0x1.ebfbe0p-3f));
      p = fused(p, x, hn::Set(d, 0x1.62e430p-1f));
      p = fused(p, x, hn::Set(d, 1.0f));
      const auto scaled = hn::BitCast(d, hn::Add(hn::BitCast(d_whole, p), hn::ShiftLeft<23>(power)));
      const auto weight = hn::IfThenElseZero(hn::RebindMask(d, hn::Gt(power, hn::Set(d_whole, -126))), scaled);
      hn::StoreU(weight, d, weights + i);
      sum = hn::Add(sum, weight);
    }
    add_widened(sum, sums + part);
  }
}

// A tile's sums begin at 0 and are added in double.
struct SumsInDouble {
  double* sums;
  std::size_t stride;
  template <class D>
  HWY_INLINE hn::Vec<D> begin(D d, std::size_t, std::size_t) const {
    return hn::Zero(d);
  }
  template <class D>
  HWY_INLINE void end(D, std::size_t row, std::size_t column, hn::Vec<D> sum) const {
    add_widened(sum, sums + row * stride + column);
  }
  SumsInDouble from(std::size_t column) const { return {sums + column, stride}; }
};

// Sums that are continued.
struct SumsInFloat {
  float* sums;
  std::size_t stride, rows;
  template <class D>
  HWY_INLINE hn::Vec<D> begin(D d, std::size_t row, std::size_t column) const {
    return hn::LoadU(d, sums + std::min(row, rows - 1) * stride + column);
  }
  template <class D>
  HWY_INLINE void end(D d, std::size_t row, std::size_t column, hn::Vec<D> sum) const {
    hn::StoreU(sum, d, sums + row * stride + column);
  }
  SumsInFloat from(std::size_t column) const { return {sums + column, stride, rows}; }
};

inline void add_in_double(const float* weights, std::size_t weight_stride, std::size_t queries, const float* values,
                          std::size_t keys, std::size_t columns, double* sums) {
  for (std::size_t i = 0; i < queries; i += 4) {
    multiply(Floats(), FourRows<float>(weights + i * weight_stride, weight_stride, queries - i), keys, values, columns,
             columns, AddFused(), SumsInDouble{sums + i * columns, columns});
  }
}
inline void add_in_float(const float* weights, std::size_t weight_stride, std::size_t queries, const float* values,
                         std::size_t keys, std::size_t columns, float* sums) {
  for (std::size_t i = 0; i < queries; i += 4) {
    const FourRows<float> rows(weights + i * weight_stride, weight_stride, queries - i);
    multiply(Floats(), rows, keys, values, columns, columns, AddRounded(),
             SumsInFloat{sums + i * columns, columns, rows.count});
  }
}

}  // namespace capcam::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace capcam::simd {

namespace {

std::span<const float> panel_after(const Panels& rows, std::uint32_t panel) {
  return panel + 1 < rows.panels() ? rows.panel(panel + 1) : std::span<const float>();
}

}  // namespace

HWY_EXPORT(score_panel_double);
HWY_EXPORT(score_panel_float);
HWY_EXPORT(widen);
HWY_EXPORT(largest_of);
HWY_EXPORT(add_exponentials);
HWY_EXPORT(add_in_double);
HWY_EXPORT(add_in_float);

void dot_products(const Panels& rows, std::uint32_t first_panel, std::uint32_t last_panel,
                  std::span<const float> queries, double factor, double* scores, std::size_t stride,
                  DotScratch& scratch) {
  scratch.queries.resize(queries.size());
  scratch.panel.resize(std::size_t{rows.dimensions()} * Panels::width);
  HWY_DYNAMIC_DISPATCH(widen)(queries, scratch.queries.data());
  for (std::uint32_t panel = first_panel; panel < last_panel; ++panel, scores += Panels::width) {
    HWY_DYNAMIC_DISPATCH(widen)(rows.panel(panel), scratch.panel.data());
    HWY_DYNAMIC_DISPATCH(score_panel_double)
    (scratch.panel.data(), rows.dimensions(), scratch.queries.data(), queries.size() / rows.dimensions(), factor,
     scores, stride, panel_after(rows, panel));
  }
}

void dot_products(const Panels& rows, std::uint32_t first_panel, std::uint32_t last_panel,
                  std::span<const float> queries, float factor, float* scores, std::size_t stride) {
  for (std::uint32_t panel = first_panel; panel < last_panel; ++panel, scores += Panels::width) {
    HWY_DYNAMIC_DISPATCH(score_panel_float)
    (rows.panel(panel).data(), rows.dimensions(), queries.data(), queries.size() / rows.dimensions(), factor, scores,
     stride, panel_after(rows, panel));
  }
}

double largest(std::span<const double> scores) { return HWY_DYNAMIC_DISPATCH(largest_of)(scores); }

void exponentials(std::span<const double> scores, double log2_e, double top, float* weights, double* sums) {
  HWY_DYNAMIC_DISPATCH(add_exponentials)(scores, log2_e, top, weights, sums);
}

void add_weighted_values(const float* weights, std::size_t weight_stride, std::size_t queries, const float* values,
                         std::size_t keys, std::size_t columns, double* sums) {
  HWY_DYNAMIC_DISPATCH(add_in_double)(weights, weight_stride, queries, values, keys, columns, sums);
}

void add_weighted_values(const float* weights, std::size_t weight_stride, std::size_t queries, const float* values,
                         std::size_t keys, std::size_t columns, float* sums) {
  HWY_DYNAMIC_DISPATCH(add_in_float)(weights, weight_stride, queries, values, keys, columns, sums);
}

}  // namespace capcam::simd
#endif
