// What a search with random errors reads besides the keys' bits, laid out as KeyPlanes lays those out: for every row of
// a block and every segment, the cells' d_i signed so that adding those of the query's ones to a base gives the sum
// over the cells that match, and the row's 1 / capacitance. SPDX-License-Identifier: Apache-2.0
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
  // d_i of the cells that hold a key's segment; null: all alike.
  using CellsOf = std::function<const std::int8_t*(std::uint32_t key, std::uint32_t segment)>;

  RandomPlanes(const BitRows& keys, const KeyPlanes& planes, const RandomReadout& readout, std::uint32_t head_number,
               const CellsOf& cells_of);

  const RandomReadout& readout() const { return readout_; }
  std::uint32_t head_number() const { return head_number_; }

  // [column][lane]: + d where the key's bit is 1, - d where it is 0.
  const std::int8_t* signed_cells(std::size_t row_of_block, std::uint32_t segment) const {
    return signed_cells_.data() + (row_of_block * head_dim_ + segment * columns_) * KeyPlanes::block;
  }
  // [lane]: sum of d over the key's zeros.
  const std::int32_t* base(std::size_t row_of_block, std::uint32_t segment) const {
    return base_.data() + (row_of_block * segments_ + segment) * KeyPlanes::block;
  }
  const float* inverse(std::size_t row_of_block, std::uint32_t segment) const {
    return inverse_.data() + (row_of_block * segments_ + segment) * KeyPlanes::block;
  }

 private:
  RandomReadout readout_;
  std::uint32_t head_number_ = 0;
  std::size_t head_dim_ = 0, columns_ = 0, segments_ = 0;
  std::vector<std::int8_t> signed_cells_;  // empty if all cells are alike
  std::vector<std::int32_t> base_;
  std::vector<float> inverse_;
};

}  // namespace capcam::simd
