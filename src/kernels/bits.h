// One-bit queries and keys, packed for XNOR and population count. A number's bit is x >= 0, so -0.0 gives 1.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/placement.h"

namespace capcam {

// Cuts a head dimension to the width of an array. Segment s holds the dimensions [s * columns, s * columns +
// used_columns(s)).
struct Segmentation {
  std::uint32_t head_dim = 0;
  std::uint32_t columns = 0;
  std::uint32_t segments() const { return (head_dim + columns - 1) / columns; }
  std::uint32_t used_columns(std::uint32_t segment) const {
    return segment + 1 < segments() ? columns : head_dim - segment * columns;
  }
  std::uint32_t words_per_segment() const { return (columns < head_dim ? columns + 63 : head_dim + 63) / 64; }
};

// Rows of bits. A row lies segment after segment, each segment padded to whole 64-bit words with zeros.
class BitRows {
 public:
  BitRows() = default;
  BitRows(Segmentation segmentation, std::uint32_t rows);

  // Packs one row of head_dim numbers.
  void pack(std::uint32_t row, std::span<const float> values);

  const Segmentation& segmentation() const { return segmentation_; }
  std::uint32_t rows() const { return rows_; }
  std::span<const std::uint64_t> words(std::uint32_t row, std::uint32_t segment) const {
    const std::size_t per_segment = segmentation_.words_per_segment();
    return {words_.data() + (std::size_t{row} * segmentation_.segments() + segment) * per_segment, per_segment};
  }
  // Copies one segment of these rows, row after row.
  void copy_rows(const TileKeys& rows, std::uint32_t segment, std::vector<std::uint64_t>& out) const;

 private:
  Segmentation segmentation_{};
  std::uint32_t rows_ = 0;
  std::vector<std::uint64_t> words_;
};

// Counts the matching bits of a query and these keys within a segment; matches[i] is for key of[i].
void count_matches(const BitRows& query, std::uint32_t query_row, const BitRows& keys, const TileKeys& of,
                   std::uint32_t segment, std::uint32_t* matches);

// Does the same for `count` consecutive keys; matches[i] is for key first + i.
inline void count_matches(const BitRows& query, std::uint32_t query_row, const BitRows& keys, std::uint32_t first,
                          std::uint32_t count, std::uint32_t segment, std::uint32_t* matches) {
  count_matches(query, query_row, keys, TileKeys{first, count, 1}, segment, matches);
}

// Does the same, one count per row, for keys that lie as consecutive rows of words_per_segment words.
void count_row_matches(std::span<const std::uint64_t> query, std::span<const std::uint64_t> rows,
                       std::uint32_t used_columns, std::span<std::uint32_t> matches);

}  // namespace capcam
