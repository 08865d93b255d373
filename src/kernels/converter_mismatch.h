// The differences of the converters of an array, drawn once per array, signs included:
//
//   offset     offset_mv z of the array + offset_mismatch_mv z of the converter
//   full scale (1 + reference_error z) of the array
//   bow        inl_lsb z of the converter
//   injection  z of the row, and z of the converter's sampling switch, in units of their standard deviations
//              (config/conditions.h)
//   threshold  of code k at k + e_k, e_k = dnl_lsb / sqrt(2) z + E_k of the converter's elements
//              (kernels/converter_elements.h) + offset_mismatch_mv z / V_lsb, if every code has a comparator of its
//              own; the converter then has no other offset
//
// so that a given code's width has the standard deviation dnl_lsb. Thresholds of equally spaced levels whose elements
// and comparators are good (4 standard deviations of E at half scale and of offsets below 0.45 LSB) are kept within +-
// 0.49, which keeps them in order and lets the nearest decide. Otherwise, and for a kind with decision levels of its
// own (capcam/converter.h), e_k is added to the levels and the results are sorted: the code is how many of them the
// input reaches.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "capcam/config.h"
#include "capcam/converter.h"

namespace capcam {

// Returns the standard deviation of the offsets of comparators that belong to codes, in the smallest LSB; 0 if they do
// not.
double largest_comparator_lsb(const Converter& converter, const SensingParams& sensing,
                              std::span<const double> volts_per_lsb);
// Returns true if thresholds of equally spaced levels stay near enough for the nearest to decide.
bool nearest_threshold_decides(const Converter& converter, const SensingParams& sensing, double comparators_lsb = 0.0);

class ConverterMismatch {
 public:
  ConverterMismatch() = default;  // makes converters that are alike
  // volts_per_lsb is V_lsb of a full segment and, if it has another, of the last; without it comparators that belong to
  // codes are alike.
  ConverterMismatch(const SensingParams& sensing, std::uint64_t seed, std::uint32_t core, std::uint32_t array,
                    std::uint32_t rows, std::span<const double> volts_per_lsb = {});

  // Returns the offset of the converter that reads a row, in volts.
  double offset_v(std::uint32_t row) const {
    return common_offset_v_ + (offsets_v_.empty() ? 0.0 : offsets_v_[row / rows_per_converter_]);
  }
  double full_scale_error() const { return full_scale_error_; }
  // Returns the bow at half scale, in LSB.
  double bow_lsb(std::uint32_t row) const { return bows_.empty() ? 0.0 : bows_[row / rows_per_converter_]; }
  // Returns z of the charge injected into a row.
  double injection(std::uint32_t row) const { return injections_.empty() ? 0.0 : injections_[row]; }
  // Returns z of the charge that the sampling switch of a row's converter injects.
  double sampling_injection(std::uint32_t row) const {
    return sampling_injections_.empty() ? 0.0 : sampling_injections_[row / rows_per_converter_];
  }
  // Returns the thresholds of the converter that reads a row, in LSB of the last segment or of any before. Where the
  // nearest decides they are e_k, k = 0 .. 2^b, the first and last out of reach, or null if all are 0; otherwise, where
  // codes 1 .. 2^b - 1 begin, + 1/2 (LSB).
  const float* thresholds(std::uint32_t row, bool last_segment = false) const {
    if (thresholds_.empty()) return nullptr;
    return thresholds_.data() + (last_segment ? last_table_ : 0) + row / rows_per_converter_ * stride_;
  }
  static constexpr std::size_t table_size(std::uint32_t bits) { return (std::size_t{1} << bits) + 1; }

 private:
  struct Place {
    std::uint64_t seed;
    std::uint32_t core, array, converters;
  };
  void draw_thresholds(const SensingParams& sensing, const Place& place, std::span<const double> volts_per_lsb);

  std::uint32_t rows_per_converter_ = 1;
  std::size_t stride_ = 0;      // from one converter's thresholds to the next; 0 if all have the same
  std::size_t last_table_ = 0;  // where those of the last segment begin
  double common_offset_v_ = 0.0, full_scale_error_ = 0.0;
  std::vector<double> offsets_v_, bows_, injections_, sampling_injections_;
  std::vector<float> thresholds_;  // [segment of another LSB][converter][code]
};

}  // namespace capcam
