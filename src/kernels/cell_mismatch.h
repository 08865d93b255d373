// The cells of an array, drawn once per array: cell i counts for 1 + u d_i. d_i is a whole number so that a matchline's
// charge does not depend on the order of its cells; it is at most 127. It holds
//
//   the cell's capacitance C_i = C (1 + sigma z), z a standard normal, and
//   its weight w_i on a matchline that has not levelled out (kernels/matchline_ladder.h), the same in every row.
//
// Without weights u = sigma / 16, so that d_i is 16 z, rounded (which adds 0.03 % to the variance).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace capcam {

class CellMismatch {
 public:
  static constexpr double steps_per_sigma = 16.0;

  CellMismatch() = default;  // makes an array without mismatch
  // `steps` is sigma / u, `weights` are (w_i - 1) / u column by column, or empty.
  CellMismatch(std::uint64_t seed, std::uint32_t core, std::uint32_t array, std::uint32_t rows, std::uint32_t columns,
               double steps = steps_per_sigma, std::span<const double> weights = {});

  // Returns d_i of a row, column by column; null without mismatch.
  const std::int8_t* row(std::uint32_t row) const {
    return cells_.empty() ? nullptr : cells_.data() + std::size_t{row} * columns_;
  }
  // Returns the sum over the first `used` cells of a row of what their capacitances add to d_i; 0 without mismatch.
  std::int32_t sum_of_capacitances(std::uint32_t row, std::uint32_t used) const;

 private:
  std::uint32_t columns_ = 0;
  std::vector<std::int8_t> cells_;
  std::vector<std::int32_t> weights_;  // column by column, rounded; empty if all are 0
};

// Returns the sum of d_i over the first `used` cells of a row that match: whose stored bit equals the query's. The row
// may be null.
std::int32_t sum_of_matching_cells(const std::int8_t* row, std::uint32_t used, std::span<const std::uint64_t> query,
                                   std::span<const std::uint64_t> stored);

}  // namespace capcam
