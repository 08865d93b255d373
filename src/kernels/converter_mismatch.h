// How the converters of an array differ: each has an offset of its own and thresholds that are not where they should
// be. Drawn once for the array.
//
//   offset = offset_mismatch_lsb z;   threshold of code k at k + e_k, e_k = dnl_lsb / sqrt(2) z, kept within +- 0.49,
//
// so that a code's width has the standard deviation dnl_lsb and thresholds stay in order.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "capcam/config.h"

namespace capcam {

class ConverterMismatch {
 public:
  ConverterMismatch() = default;  // of converters that are alike
  ConverterMismatch(const SensingParams& sensing, std::uint64_t seed, std::uint32_t core, std::uint32_t array,
                    std::uint32_t rows);

  // Of the converter that reads a row, in LSB.
  float offset(std::uint32_t row) const { return offsets_.empty() ? 0.0f : offsets_[row / rows_per_converter_]; }
  // e_k, k = 0 .. 2^b, of the converter that reads a row; the first and the last are out of reach. null: all 0.
  const float* thresholds(std::uint32_t row) const {
    return thresholds_.empty() ? nullptr : thresholds_.data() + row / rows_per_converter_ * table_size(bits_);
  }
  static constexpr std::size_t table_size(std::uint32_t bits) { return (std::size_t{1} << bits) + 1; }

 private:
  std::uint32_t rows_per_converter_ = 1, bits_ = 0;
  std::vector<float> offsets_;
  std::vector<float> thresholds_;  // [converter][code]
};

}  // namespace capcam
