// SPDX-License-Identifier: Apache-2.0
#include "stats/closeness.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "core/target_clones.h"

namespace capcam {
namespace {

constexpr std::size_t lanes = 8;

struct Sums {
  double output[lanes] = {}, reference[lanes] = {}, product[lanes] = {},
         difference[lanes] = {};  // sums of squares and products
};

template <class T>
inline void add(Sums& sums, const float* output, const T* reference, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const double a = output[i], b = reference[i];
    sums.output[i] += a * a;
    sums.reference[i] += b * b;
    sums.product[i] += a * b;
    sums.difference[i] += (a - b) * (a - b);
  }
}

template <class T>
inline void add_all(Sums& sums, const float* output, const T* reference, std::size_t count) {
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes) add(sums, output + i, reference + i, lanes);
  add(sums, output + i, reference + i, count - i);
}

CAPCAM_VECTOR_CLONES
void add_all_double(Sums& sums, const float* output, const double* reference, std::size_t count) {
  add_all(sums, output, reference, count);
}
CAPCAM_VECTOR_CLONES
void add_all_float(Sums& sums, const float* output, const float* reference, std::size_t count) {
  add_all(sums, output, reference, count);
}

double sum_of(const double (&parts)[lanes]) {
  return ((parts[0] + parts[1]) + (parts[2] + parts[3])) + ((parts[4] + parts[5]) + (parts[6] + parts[7]));
}

Closeness closeness_of(const Sums& sums) {
  const double output = std::sqrt(sum_of(sums.output)), reference = std::sqrt(sum_of(sums.reference));
  Closeness result;
  if (output * reference == 0.0) {
    result.cosine = output == reference ? 1.0 : 0.0;
  } else {  // rounding may step past the ends by an ulp
    result.cosine = std::clamp(sum_of(sums.product) / (output * reference), -1.0, 1.0);
  }
  if (reference == 0.0) {
    result.relative_l2 = output == 0.0 ? 0.0 : 1.0;
  } else {
    result.relative_l2 = std::sqrt(sum_of(sums.difference)) / reference;
  }
  return result;
}

}  // namespace

Closeness closeness(std::span<const float> output, std::span<const double> reference) {
  Sums sums;
  add_all_double(sums, output.data(), reference.data(), output.size());
  return closeness_of(sums);
}

Closeness closeness(std::span<const float> output, std::span<const float> reference) {
  Sums sums;
  add_all_float(sums, output.data(), reference.data(), output.size());
  return closeness_of(sums);
}

}  // namespace capcam
