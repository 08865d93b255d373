// Multiplies four rows by a matrix, as many columns at once as the registers hold.
// SPDX-License-Identifier: Apache-2.0
#if defined(CAPCAM_KERNELS_SIMD_MULTIPLY_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef CAPCAM_KERNELS_SIMD_MULTIPLY_INL_H
#undef CAPCAM_KERNELS_SIMD_MULTIPLY_INL_H
#else
#define CAPCAM_KERNELS_SIMD_MULTIPLY_INL_H
#endif

#include <cstddef>

#include "kernels/simd/fused-inl.h"

HWY_BEFORE_NAMESPACE();
namespace capcam::simd::HWY_NAMESPACE {

#if HWY_TARGET <= HWY_AVX3 || HWY_ARCH_ARM_A64
constexpr std::size_t most_vectors = 4;  // 32 registers
#else
constexpr std::size_t most_vectors = 2;
#endif

// At most four rows of the left matrix; those beyond `count` are its last row again, and their results are dropped.
template <class T>
struct FourRows {
  FourRows(const T* first, std::size_t stride, std::size_t rows)
      : count(rows < 4 ? rows : 4),
        a(first),
        b(first + (count > 1 ? stride : 0)),
        c(first + (count > 2 ? 2 : count - 1) * stride),
        e(first + (count - 1) * stride) {}
  std::size_t count;
  const T *a, *b, *c, *e;
};

// The way a product is added: rounded once, or product and sum rounded each.
struct AddFused {
  template <class V>
  HWY_INLINE V operator()(V a, V b, V sum) const {
    return fused(a, b, sum);
  }
};
struct AddRounded {
  template <class V>
  HWY_INLINE V operator()(V a, V b, V sum) const {
    return hn::Add(sum, hn::Mul(a, b));
  }
};
// Products that are exact, so that rounding them changes nothing.
struct AddExact {
  template <class V>
  HWY_INLINE V operator()(V a, V b, V sum) const {
    return hn::MulAdd(a, b, sum);
  }
};

// The columns [0, V vectors) of rows * right, `inner` terms each in their order. `ends` begins and ends the sums:
// begin(d, row, column), end(d, row, column, sum).
template <std::size_t V, class D, class T, class AddProduct, class Ends>
HWY_INLINE void multiply_columns(D d, const FourRows<T>& rows, std::size_t inner, const T* HWY_RESTRICT right,
                                 std::size_t right_stride, AddProduct add, const Ends& ends) {
  const std::size_t n = hn::Lanes(d);
  auto a0 = ends.begin(d, 0, 0), a1 = a0, a2 = a0, a3 = a0;
  auto b0 = ends.begin(d, 1, 0), b1 = b0, b2 = b0, b3 = b0;
  auto c0 = ends.begin(d, 2, 0), c1 = c0, c2 = c0, c3 = c0;
  auto e0 = ends.begin(d, 3, 0), e1 = e0, e2 = e0, e3 = e0;
  const auto next = [&](std::size_t column, auto& a, auto& b, auto& c, auto& e) HWY_ATTR {
    a = ends.begin(d, 0, column), b = ends.begin(d, 1, column);
    c = ends.begin(d, 2, column), e = ends.begin(d, 3, column);
  };
  if constexpr (V > 1) next(n, a1, b1, c1, e1);
  if constexpr (V > 2) next(2 * n, a2, b2, c2, e2);
  if constexpr (V > 3) next(3 * n, a3, b3, c3, e3);
  for (std::size_t i = 0; i < inner; ++i, right += right_stride) {
    const auto r0 = hn::LoadU(d, right), r1 = V > 1 ? hn::LoadU(d, right + n) : r0,
               r2 = V > 2 ? hn::LoadU(d, right + 2 * n) : r0, r3 = V > 3 ? hn::LoadU(d, right + 3 * n) : r0;
    const auto row = [&](T left, auto& s0, auto& s1, auto& s2, auto& s3) HWY_ATTR {
      const auto one = hn::Set(d, left);
      s0 = add(one, r0, s0);
      if constexpr (V > 1) s1 = add(one, r1, s1);
      if constexpr (V > 2) s2 = add(one, r2, s2);
      if constexpr (V > 3) s3 = add(one, r3, s3);
    };
    row(rows.a[i], a0, a1, a2, a3);
    row(rows.b[i], b0, b1, b2, b3);
    row(rows.c[i], c0, c1, c2, c3);
    row(rows.e[i], e0, e1, e2, e3);
  }
  const auto end = [&](std::size_t index, const auto& s0, const auto& s1, const auto& s2, const auto& s3) HWY_ATTR {
    if (index >= rows.count) return;
    ends.end(d, index, 0, s0);
    if constexpr (V > 1) ends.end(d, index, n, s1);
    if constexpr (V > 2) ends.end(d, index, 2 * n, s2);
    if constexpr (V > 3) ends.end(d, index, 3 * n, s3);
  };
  end(0, a0, a1, a2, a3);
  end(1, b0, b1, b2, b3);
  end(2, c0, c1, c2, c3);
  end(3, e0, e1, e2, e3);
}

// All `columns`, a multiple of the vector. Ends are told of columns from where `ends.from(column)` stands.
template <class D, class T, class AddProduct, class Ends>
HWY_INLINE void multiply(D d, const FourRows<T>& rows, std::size_t inner, const T* right, std::size_t right_stride,
                         std::size_t columns, AddProduct add, const Ends& ends) {
  const std::size_t n = hn::Lanes(d);
  std::size_t column = 0;
  for (; column + most_vectors * n <= columns; column += most_vectors * n)
    multiply_columns<most_vectors>(d, rows, inner, right + column, right_stride, add, ends.from(column));
  for (; column < columns; column += n)
    multiply_columns<1>(d, rows, inner, right + column, right_stride, add, ends.from(column));
}

}  // namespace capcam::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
