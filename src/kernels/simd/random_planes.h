// What a search with random errors reads besides the keys' bits, laid out as KeyPlanes lays those out: for every row of
// a block and every segment, the cells' d_i signed so that adding those of the query's ones to a base gives the sum
// over the cells that match, and what its row adds (RowReadout). SPDX-License-Identifier: Apache-2.0
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
  // The row that holds a key's segment: d_i of its cells (null: all alike) and what else it adds.
  struct Row {
    const std::int8_t* cells = nullptr;
    RowReadout readout;
  };
  using RowOf = std::function<Row(std::uint32_t key, std::uint32_t segment)>;

  RandomPlanes(const BitRows& keys, const KeyPlanes& planes, const RandomReadout& readout, std::uint32_t head_number,
               const RowOf& row_of);

  const RandomReadout& readout() const { return readout_; }
  std::uint32_t head_number() const { return head_number_; }

  // [column][lane]: + d where the key's bit is 1, - d where it is 0.
  const std::int8_t* signed_cells(std::size_t row_of_block, std::uint32_t segment) const {
    return signed_cells_.data() + (row_of_block * head_dim_ + segment * columns_) * KeyPlanes::block;
  }
  // [lane]: sum of d over the key's zeros.
  const std::int32_t* base(std::size_t row, std::uint32_t segment) const { return base_.data() + at(row, segment); }
  // [lane]: of RowReadout.
  const float* scale(std::size_t row, std::uint32_t segment) const { return scale_.data() + at(row, segment); }
  const float* row_base(std::size_t row, std::uint32_t segment) const { return row_base_.data() + at(row, segment); }
  const float* offset(std::size_t row, std::uint32_t segment) const { return offset_.data() + at(row, segment); }
  // [lane]: where in thresholds() its converter's begin.
  const std::int32_t* first_threshold(std::size_t row, std::uint32_t segment) const {
    return first_threshold_.data() + at(row, segment);
  }
  const float* thresholds() const { return thresholds_.data(); }

 private:
  std::size_t at(std::size_t row_of_block, std::uint32_t segment) const {
    return (row_of_block * segments_ + segment) * KeyPlanes::block;
  }

  RandomReadout readout_;
  std::uint32_t head_number_ = 0;
  std::size_t head_dim_ = 0, columns_ = 0, segments_ = 0;
  std::vector<std::int8_t> signed_cells_;  // empty if all cells are alike
  std::vector<std::int32_t> base_;
  std::vector<float> scale_, row_base_, offset_;
  std::vector<std::int32_t> first_threshold_;  // empty if thresholds are where they should be
  std::vector<float> thresholds_;
};

}  // namespace capcam::simd
