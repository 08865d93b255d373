// The capacitances of an array's cells, drawn once per array: C_i = C (1 + sigma d_i / 16). d_i is 16 times a standard
// normal, rounded, at most 127 (7.9 sigma; rounding adds 0.03 % to the variance). It is a whole number so that a
// matchline's charge does not depend on the order of its cells.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace capcam {

class CellMismatch {
 public:
  static constexpr std::int32_t steps_per_sigma = 16;

  CellMismatch() = default;  // makes an array without mismatch
  CellMismatch(std::uint64_t seed, std::uint32_t core, std::uint32_t array, std::uint32_t rows, std::uint32_t columns);

  // Returns d_i of a row, column by column; null without mismatch.
  const std::int8_t* row(std::uint32_t row) const {
    return cells_.empty() ? nullptr : cells_.data() + std::size_t{row} * columns_;
  }

 private:
  std::uint32_t columns_ = 0;
  std::vector<std::int8_t> cells_;
};

// Returns the sum of d_i over the first `used` cells; 0 without mismatch.
std::int32_t sum_of_cells(const std::int8_t* row, std::uint32_t used);
// Returns the sum over those of them whose stored bit equals the query's.
std::int32_t sum_of_matching_cells(const std::int8_t* row, std::uint32_t used, std::span<const std::uint64_t> query,
                                   std::span<const std::uint64_t> stored);

}  // namespace capcam
