// Looks at every value of a trace, to find what is not finite and the moments of a tensor. It reads block by block, so
// that memory stays bounded whatever the size.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "capcam/trace.h"

namespace capcam {

struct Extremes {
  std::uint64_t elements = 0;
  std::uint64_t non_finite = 0;        // NaNs and infinities
  std::uint64_t first_non_finite = 0;  // flat index of the first of them, if there is one
  float first_non_finite_value = 0.0f;
  float largest = 0.0f;          // largest magnitude of the finite values
  std::uint64_t largest_at = 0;  // flat index of the first that large
};

Extremes extremes_of(const Tensor& tensor);

struct TensorScan : Extremes {
  std::uint64_t ones = 0;  // elements with bit(x) = x >= 0 set
  double mean = 0.0;
  double population_std = 0.0;  // NaN if a value is
};

TensorScan scan_tensor(const Tensor& tensor);

// Returns sqrt(mean((x - mean)^2)) over all elements. It is computed in double, by two passes over each block; blocks
// are joined by the pairwise update of Chan, Golub and LeVeque (1979), always in the same order.
double population_std(const Tensor& tensor);

// Does the same over some rows (of the last dimension, numbered over all others). The tensor without the other rows
// gives the same to the last bit. Returns zero if there are no rows.
double population_std(const Tensor& tensor, const std::function<bool(std::uint64_t row)>& takes_part);

// Returns the first NaN or infinity of each q, k and v with its index, and the first mask value that is neither 0 nor
// 1, each with the number of such values. The result is empty if all is well. `values`, if not null, gets the
// extremes of each layer's v.
std::vector<std::string> non_finite_values(const Trace& trace, std::vector<Extremes>* values = nullptr);

}  // namespace capcam
