// A ramp converter: one reference for all rows of an array falls from the highest code, one code a step; a row's
// comparator says when it is crossed. The best rows cross first, so a tile is done as soon as enough of them have.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "kernels/valid_keys.h"

namespace capcam {

struct RampConversion {
  std::uint32_t steps = 0;        // of the reference
  std::uint64_t comparisons = 0;  // of rows that have not crossed yet
};

// Of rows with these codes (of the keys from first_key on); rows whose key is not valid are not compared.
// `wanted` > 0: stops when as many rows have crossed, rows that cross on the same step together; 0: when all have. A
// code c is crossed at step 2^b - c; what has not crossed after step 2^b - 1 is code 0. Rows that share a comparator
// (rows_per_converter) are converted one after another: a ramp for the first of each, one for the second, and so on.
RampConversion ramp_conversion(std::span<const std::uint32_t> codes, std::uint32_t first_key, const ValidKeys& valid,
                               std::uint32_t bits, std::uint32_t wanted, std::uint32_t rows_per_converter);

// How many rows of a tile must cross: tile_k, or all of them (0) where a segment alone does not tell the best.
constexpr std::uint32_t ramp_wanted(std::uint32_t tile_k, std::uint32_t segments) { return segments == 1 ? tile_k : 0; }

}  // namespace capcam
