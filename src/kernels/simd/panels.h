// Rows of a matrix as the block kernels read them: 32 rows side by side, dimension after dimension, so that a vector
// holds one dimension of several rows and nothing moves across lanes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "core/large_array.h"

namespace capcam::simd {

inline constexpr std::size_t cache_line = 16;  // floats

// Asks for numbers that are soon needed.
inline void prefetch(std::span<const float> numbers) {
  for (std::size_t i = 0; i < numbers.size(); i += cache_line) __builtin_prefetch(numbers.data() + i);
}

class Panels {
 public:
  static constexpr std::uint32_t width = 32;  // rows

  Panels() = default;
  Panels(std::uint32_t rows, std::uint32_t dimensions)
      : rows_(rows), dimensions_(dimensions), values_(std::size_t{panels()} * dimensions * width) {}

  // `values` is [rows, dimensions] of panel `panel`; the last one may have fewer rows than 32. Every panel must be
  // filled.
  void fill(std::uint32_t panel, std::span<const float> values) {
    float* to = values_.data() + std::size_t{panel} * dimensions_ * width;
    const std::size_t count = values.size() / dimensions_;
    for (std::size_t dimension = 0; dimension < dimensions_; ++dimension) {
      for (std::size_t row = 0; row < count; ++row) to[dimension * width + row] = values[row * dimensions_ + dimension];
      std::fill(to + dimension * width + count, to + (dimension + 1) * width, 0.0f);
    }
  }

  std::uint32_t rows() const { return rows_; }
  std::uint32_t dimensions() const { return dimensions_; }
  std::uint32_t panels() const { return (rows_ + width - 1) / width; }
  // [dimensions, width]; places without a row are 0.
  std::span<const float> panel(std::uint32_t panel) const {
    return {values_.data() + std::size_t{panel} * dimensions_ * width, std::size_t{dimensions_} * width};
  }

 private:
  std::uint32_t rows_ = 0;
  std::uint32_t dimensions_ = 0;
  LargeArray<float> values_;
};

}  // namespace capcam::simd
