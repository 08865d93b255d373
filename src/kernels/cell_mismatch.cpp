// SPDX-License-Identifier: Apache-2.0
#include "kernels/cell_mismatch.h"

#include <algorithm>
#include <cmath>

#include "core/philox.h"
#include "kernels/standard_normal.h"

namespace capcam {

CellMismatch::CellMismatch(std::uint64_t seed, std::uint32_t core, std::uint32_t array, std::uint32_t rows,
                           std::uint32_t columns, double steps, std::span<const double> weights)
    : columns_(columns), cells_(std::size_t{rows} * columns) {
  const NormalTable& normal = NormalTable::get();
  const PhiloxKey key = philox_key(seed, RandomStream::cells);
  for (const double weight : weights) weights_.push_back(static_cast<std::int32_t>(std::nearbyint(weight)));
  const auto scale = static_cast<float>(steps);
  for (std::uint32_t row = 0; row < rows; ++row) {
    PhiloxCounter words{};
    for (std::uint32_t column = 0; column < columns; ++column) {
      if (column % 4 == 0) words = philox4x32({column / 4, row, array, core}, key);
      const float drawn = std::nearbyint(scale * normal(words[column % 4]));
      const float all = drawn + (column < weights_.size() ? static_cast<float>(weights_[column]) : 0.0f);
      cells_[std::size_t{row} * columns + column] = static_cast<std::int8_t>(std::clamp(all, -127.0f, 127.0f));
    }
  }
}

std::int32_t CellMismatch::sum_of_capacitances(std::uint32_t row, std::uint32_t used) const {
  std::int32_t sum = 0;
  for (std::uint32_t i = 0; !cells_.empty() && i < used; ++i)
    sum += cells_[std::size_t{row} * columns_ + i] - (weights_.empty() ? 0 : weights_[i]);
  return sum;
}

std::int32_t sum_of_matching_cells(const std::int8_t* row, std::uint32_t used, std::span<const std::uint64_t> query,
                                   std::span<const std::uint64_t> stored) {
  std::int32_t sum = 0;
  for (std::uint32_t i = 0; row != nullptr && i < used; ++i) {
    const std::uint64_t different = (query[i / 64] ^ stored[i / 64]) >> (i % 64) & 1;
    sum += different != 0 ? 0 : row[i];
  }
  return sum;
}

}  // namespace capcam
