// The data that a search with random errors reads besides the keys' bits: the cells' d_i (kernels/cell_mismatch.h) and
// each row's RowReadout, lane by lane as KeyPlanes lays keys out. Tiles lie on the arrays in turn, so blocks repeat
// after a few; only those few are stored, however many keys there are.
//
// A row's sum over the matching cells is computed byte by byte of its columns, above the least possible sum: a cell
// with d > 0 adds |d| if it matches, one with d < 0 if it does not, and eight cells fit 8 bits (`fits`). Usually all
// keys of a block's row lie in one row of one array; then the sum of four columns is tabulated, by which of them
// differ. Otherwise every lane has cells of its own.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "kernels/random_readout.h"
#include "kernels/simd/key_planes.h"

namespace capcam::simd {

class RandomPlanes {
 public:
  // The row that holds a key's segment: d_i of its cells (null if all are alike) and its readout.
  struct Row {
    const std::int16_t* cells = nullptr;
    RowReadout readout;
  };
  // Must return the same object for the same row.
  using RowOf = std::function<const Row&(std::uint32_t key, std::uint32_t segment)>;

  RandomPlanes(const BitRows& keys, const KeyPlanes& planes, const RandomReadout& readout, std::uint32_t head_number,
               const RowOf& row_of);

  // Returns false if the cells of some byte of columns are too large (eight that are 2 sigma off on average). Nothing
  // else is valid then, and a search cannot use this object.
  bool fits() const { return fits_; }
  const RandomReadout& readout() const { return readout_; }
  std::uint32_t head_number() const { return head_number_; }

  // Returns where a row of all blocks (b * tile_rows + row) is stored. The functions below take such a row.
  std::size_t stored_row(std::size_t row_of_block) const { return row_of_block % stored_rows_; }

  // Returns true if half_bytes() holds the cells, false if cells() does.
  bool tabulated() const { return !half_bytes_.empty(); }
  // [2 p] is for the low half of a segment's byte p and [2 p + 1] for the high half. Each has 16 entries: the amount
  // that cells add to the least sum, by the bits that differ between query and key.
  static constexpr std::size_t entries = 16;
  const std::uint8_t* half_bytes(std::size_t row, std::uint32_t segment) const {
    return half_bytes_.data() + (row * planes_ + first_plane_[segment]) * 2 * entries;
  }
  // [column][lane]: |d|; 0 for the unused columns that the last byte of a segment may hold.
  const std::uint8_t* cells(std::size_t row, std::uint32_t segment) const {
    return cells_.data() + (row * planes_ + first_plane_[segment]) * 8 * KeyPlanes::block;
  }
  // [byte][lane]: a bit per column, 1 if d < 0.
  const std::uint8_t* negative(std::size_t row, std::uint32_t segment) const {
    return negative_.data() + (row * planes_ + first_plane_[segment]) * KeyPlanes::block;
  }
  // [lane]: the least sum that a segment's matching cells can have; 0 if all cells are alike.
  const std::int32_t* least(std::size_t row, std::uint32_t segment) const { return least_.data() + at(row, segment); }

  // [lane]: members of RowReadout.
  const float* scale(std::size_t row, std::uint32_t segment) const { return scale_.data() + at(row, segment); }
  const float* row_base(std::size_t row, std::uint32_t segment) const { return row_base_.data() + at(row, segment); }
  const float* gain(std::size_t row, std::uint32_t segment) const { return gain_.data() + at(row, segment); }
  const float* bow(std::size_t row, std::uint32_t segment) const { return bow_.data() + at(row, segment); }
  const float* offset(std::size_t row, std::uint32_t segment) const { return offset_.data() + at(row, segment); }
  // [lane]: where the thresholds of its converter begin in thresholds().
  const std::int32_t* first_threshold(std::size_t row, std::uint32_t segment) const {
    return first_threshold_.data() + at(row, segment);
  }
  const float* thresholds() const { return thresholds_.data(); }

 private:
  std::size_t at(std::size_t row, std::uint32_t segment) const {
    return (row * segments_ + segment) * KeyPlanes::block;
  }
  // These functions look at the first `tiles` tiles.
  // Returns true if every tile's keys lie in the same rows as those of the tile `after` tiles before it.
  bool repeat(std::uint32_t tiles, std::uint32_t after, const KeyPlanes& planes, const RowOf& row_of) const;
  bool cells_fit(std::uint32_t tiles, const KeyPlanes& planes, const RowOf& row_of) const;
  void tabulate(const TileKeys& of_tile, const RowOf& row_of);  // all tiles are alike
  void spread_cells(std::uint32_t tiles, const KeyPlanes& planes, const RowOf& row_of);
  void spread_readouts(std::uint32_t tiles, const KeyPlanes& planes, const RowOf& row_of);

  RandomReadout readout_;
  Segmentation segmentation_;
  std::uint32_t head_number_ = 0;
  std::size_t segments_ = 0, planes_ = 0, stored_rows_ = 0;
  std::vector<std::uint32_t> first_plane_;  // [segment]
  bool fits_ = true;
  std::vector<std::uint8_t> half_bytes_;  // [row][plane][half][entry]
  std::vector<std::uint8_t> cells_;       // [row][plane][bit][lane]
  std::vector<std::uint8_t> negative_;    // [row][plane][lane]
  std::vector<std::int32_t> least_;       // [row][segment][lane], as the vectors below
  std::vector<float> scale_, row_base_, gain_, offset_, bow_;
  std::vector<std::int32_t> first_threshold_;  // empty if thresholds do not differ
  std::vector<float> thresholds_;
};

}  // namespace capcam::simd
