// The cells of an array, drawn once per array: cell i counts for 1 + u d_i. d_i is a whole number so that a matchline's
// charge does not depend on the order of its cells; it fits 16 bits. It holds
//
//   the cell's capacitance C_i = C (1 + sigma z), z a standard normal, and
//   its weight where a row has not levelled out when it is read (kernels/row_readings.h). Rows of different turns
//   differ in it, and so does a last segment of fewer columns.
//
// u is sigma / 16, so that d_i is 16 z, rounded (which adds 0.03 % to the variance); larger only if weights would not
// fit.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace capcam {

// What is added to d_i of each row, column by column; an empty vector is all 0.
struct CellWeights {
  std::vector<std::vector<std::int32_t>> kinds;
  std::vector<std::uint32_t> kind_of_row;  // of row n: entry n modulo the size
  const std::vector<std::int32_t>& of_row(std::uint32_t row) const {
    return kinds[kind_of_row[row % kind_of_row.size()]];
  }
};

class CellMismatch {
 public:
  static constexpr double steps_per_sigma = 16.0;
  static constexpr double most_steps = 32767.0;

  CellMismatch() = default;  // makes an array without mismatch
  // `steps` is sigma / u. `weights` has an entry for full segments and one more if the last segment, which is then
  // `narrow_segment`, has others; or it is empty.
  CellMismatch(std::uint64_t seed, std::uint32_t core, std::uint32_t array, std::uint32_t rows, std::uint32_t columns,
               double steps = steps_per_sigma, std::span<const CellWeights> weights = {},
               std::uint32_t narrow_segment = ~std::uint32_t{0});

  // Returns d_i of a row that holds a segment, column by column; null without mismatch.
  const std::int16_t* row(std::uint32_t row, std::uint32_t segment = 0) const {
    if (cells_.empty()) return nullptr;
    const std::vector<std::int16_t>& of_segment = segment == narrow_segment_ ? narrow_ : cells_;
    return of_segment.data() + std::size_t{row} * columns_;
  }
  // Returns the sum over the first `used` cells of a row of what their capacitances add to d_i; 0 without mismatch.
  std::int32_t sum_of_capacitances(std::uint32_t row, std::uint32_t used) const;

 private:
  std::uint32_t columns_ = 0, narrow_segment_ = ~std::uint32_t{0};
  std::vector<std::int16_t> cells_, narrow_;  // [row][column]
  std::vector<std::int16_t> drawn_;           // the same without weights; empty if there are none
};

// Returns the sum of d_i over the first `used` cells of a row that match: whose stored bit equals the query's. The row
// may be null.
std::int32_t sum_of_matching_cells(const std::int16_t* row, std::uint32_t used, std::span<const std::uint64_t> query,
                                   std::span<const std::uint64_t> stored);

}  // namespace capcam
