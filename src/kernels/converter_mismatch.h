// The differences of the converters of an array: each has an offset of its own and thresholds that are off. They are
// drawn once per array.
//
//   offset = offset_mismatch_lsb z;   threshold of code k at k + e_k, e_k = dnl_lsb / sqrt(2) z, kept within +- 0.49,
//
// so that a code's width has the standard deviation dnl_lsb and thresholds stay in order. A kind with decision levels
// of its own (capcam/converter.h) gets the same e_k added to those, and the results are sorted.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "capcam/config.h"

namespace capcam {

class ConverterMismatch {
 public:
  ConverterMismatch() = default;  // makes converters that are alike
  // `decision_levels` are those of the kind, [2^bits - 1], or empty if they are equally spaced.
  ConverterMismatch(const SensingParams& sensing, std::span<const double> decision_levels, std::uint64_t seed,
                    std::uint32_t core, std::uint32_t array, std::uint32_t rows);

  // Returns the offset of the converter that reads a row, in LSB.
  float offset(std::uint32_t row) const { return offsets_.empty() ? 0.0f : offsets_[row / rows_per_converter_]; }
  // Returns the thresholds of the converter that reads a row. For equally spaced levels they are e_k, k = 0 .. 2^b, the
  // first and last out of reach, or null if all are 0; for other levels, where codes 1 .. 2^b - 1 begin, + 1/2 (LSB).
  const float* thresholds(std::uint32_t row) const {
    return thresholds_.empty() ? nullptr : thresholds_.data() + row / rows_per_converter_ * stride_;
  }
  static constexpr std::size_t table_size(std::uint32_t bits) { return (std::size_t{1} << bits) + 1; }

 private:
  std::uint32_t rows_per_converter_ = 1;
  std::size_t stride_ = 0;  // from one converter's thresholds to the next; 0 if all have the same
  std::vector<float> offsets_;
  std::vector<float> thresholds_;  // [converter][code]
};

}  // namespace capcam
