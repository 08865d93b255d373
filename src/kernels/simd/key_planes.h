// The bits of keys as the SIMD search reads them: byte p of the i-th rows of 64 tiles lies side by side. A vector of
// bytes belongs to keys of different tiles, so the best of every tile are found without moving anything across lanes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/bits.h"

namespace capcam::simd {

class KeyPlanes {
 public:
  static constexpr std::uint32_t block = 64;  // tiles

  KeyPlanes() = default;
  KeyPlanes(const BitRows& keys, std::uint32_t tile_rows, std::uint32_t interleave);

  const Placement& placement() const { return placement_; }
  std::uint32_t keys() const { return placement_.keys; }
  std::uint32_t tile_rows() const { return placement_.rows; }
  std::uint32_t tiles() const { return tiles_; }
  std::uint32_t blocks() const { return (tiles_ + block - 1) / block; }
  std::uint32_t planes() const { return planes_; }
  const Segmentation& segmentation() const { return segmentation_; }

  // Returns planes() times 64 bytes of row `row` of the 64 tiles from tile b * 64 on. Lanes without a key are 0.
  const std::uint8_t* at(std::uint32_t b, std::uint32_t row) const {
    return bytes_.data() + (std::size_t{b} * tile_rows() + row) * planes_ * block;
  }
  // Returns the same by the row of all blocks, b * tile_rows() + row.
  const std::uint8_t* row(std::size_t row_of_block) const { return bytes_.data() + row_of_block * planes_ * block; }
  // Returns where a key's score lies in an array of [block][row][lane].
  std::size_t place(std::uint32_t key) const { return place(placement_.place(key)); }
  std::size_t place(const KeyPlace& at) const {
    return (std::size_t{at.tile / block} * tile_rows() + at.row) * block + at.tile % block;
  }

 private:
  Segmentation segmentation_{};
  Placement placement_;
  std::uint32_t tiles_ = 0;
  std::uint32_t planes_ = 0;
  std::vector<std::uint8_t> bytes_;
};

// A segment has ceil(used columns / 8) bytes per row; the segments' bytes follow one another.
std::uint32_t planes_of(const Segmentation& segmentation, std::uint32_t segment);
void row_bytes(const BitRows& rows, std::uint32_t row, std::vector<std::uint8_t>& out);

}  // namespace capcam::simd
