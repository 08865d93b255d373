// SPDX-License-Identifier: Apache-2.0
#include "kernels/cell_mismatch.h"

#include <algorithm>
#include <cmath>

#include "core/philox.h"
#include "kernels/standard_normal.h"

namespace capcam {

namespace {

std::vector<std::int16_t> with_weights(std::vector<std::int16_t> cells, std::uint32_t columns,
                                       const CellWeights& weights) {
  constexpr auto most = static_cast<std::int32_t>(CellMismatch::most_steps);
  for (std::size_t first = 0, row = 0; first < cells.size(); first += columns, ++row) {
    const std::vector<std::int32_t>& of_row = weights.of_row(static_cast<std::uint32_t>(row));
    for (std::size_t i = 0; i < of_row.size(); ++i)
      cells[first + i] = static_cast<std::int16_t>(std::clamp(cells[first + i] + of_row[i], -most, most));
  }
  return cells;
}

}  // namespace

CellMismatch::CellMismatch(std::uint64_t seed, std::uint32_t core, std::uint32_t array, std::uint32_t rows,
                           std::uint32_t columns, double steps, std::span<const CellWeights> weights,
                           std::uint32_t narrow_segment)
    : columns_(columns), narrow_segment_(narrow_segment), cells_(std::size_t{rows} * columns) {
  const NormalTable& normal = NormalTable::get();
  const PhiloxKey key = philox_key(seed, RandomStream::cells);
  const auto scale = static_cast<float>(steps);
  for (std::uint32_t row = 0; row < rows && steps > 0.0; ++row) {
    PhiloxCounter words{};
    for (std::uint32_t column = 0; column < columns; ++column) {
      if (column % 4 == 0) words = philox4x32({column / 4, row, array, core}, key);
      cells_[std::size_t{row} * columns + column] =
          static_cast<std::int16_t>(std::nearbyint(scale * normal(words[column % 4])));
    }
  }
  if (weights.empty()) return;
  drawn_ = cells_;
  cells_ = with_weights(drawn_, columns, weights[0]);
  if (weights.size() > 1) narrow_ = with_weights(drawn_, columns, weights[1]);
}

std::int32_t CellMismatch::sum_of_capacitances(std::uint32_t row, std::uint32_t used) const {
  const std::vector<std::int16_t>& drawn = drawn_.empty() ? cells_ : drawn_;
  std::int32_t sum = 0;
  for (std::uint32_t i = 0; !drawn.empty() && i < used; ++i) sum += drawn[std::size_t{row} * columns_ + i];
  return sum;
}

std::int32_t sum_of_matching_cells(const std::int16_t* row, std::uint32_t used, std::span<const std::uint64_t> query,
                                   std::span<const std::uint64_t> stored) {
  std::int32_t sum = 0;
  for (std::uint32_t i = 0; row != nullptr && i < used; ++i) {
    const std::uint64_t different = (query[i / 64] ^ stored[i / 64]) >> (i % 64) & 1;
    sum += different != 0 ? 0 : row[i];
  }
  return sum;
}

}  // namespace capcam
