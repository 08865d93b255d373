// The random part between a search and its code: cells and converters that differ (fixed for an array) and noise (new
// for every search and row). With matching cells M of `used`, capacitance C_i = C (1 + sigma d_i / 16)
// (kernels/cell_mismatch.h), and the other symbols of kernels/matchline.h:
//
//   V = (a V_s sum_{i in M} C_i + Q - used I t) / (sum_i C_i + C_p), kept between 0 and V_s;
//   y = x 2^b + offset + inl 4 x (1 - x) + noise z, x = V / V_full, z a standard normal;
//   code = the number of thresholds k - 1/2 + e_k, k = 1 .. 2^b - 1 (kernels/converter_mismatch.h), that y reaches;
//   noise^2 = kT / (used C + C_p) / V_lsb^2 + comparator noise^2, V_lsb = V_full / 2^b.
//
// sigma = matching_coefficient / sqrt(C) (Pelgrom's law for capacitors); kT/C: charge sharing leaves the matchline with
// the thermal noise of its total capacitance. To first order the mismatch gives V the standard deviation
// V_s sigma sqrt(m (d - m) / d) / d, largest at m = d / 2 (charge conservation).
//
// With noise_per_cell, every cell is charged with a thermal noise sqrt(kT / C) of its own, the matchline with
// sqrt(kT / C_p), and sharing averages them, which gives the same variance from `used` + 1 draws.
//
// The code of a kind with decision levels of its own is the number of its thresholds (kernels/converter_mismatch.h)
// that y reaches.
//
// Converters that read delays (kind time_domain): a cell that does not match delays by g (1 + delay_variation d_i/16):
//   x = (1 - g (used - m + delay_variation / 16 sum_{i not in M} d_i) / used) / (1 + reference error).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "capcam/config.h"
#include "kernels/bits.h"
#include "kernels/cell_mismatch.h"
#include "kernels/converter_mismatch.h"

namespace capcam {

// The constants of a row of an array.
struct RowReadout {
  float scale = 0.0f;                 // a / (sum of the row's capacitances + C_p), in 1 / C
  float base = 0.0f;                  // the voltage without any matching cell
  float offset = 0.5f;                // offset of its converter, + 1/2
  const float* thresholds = nullptr;  // thresholds of its converter
};

// The constants of one segment. Arithmetic is single precision, not fused, in the order written here, so that every
// instruction set gives the same codes.
struct SegmentReadout {
  std::uint32_t used = 0;
  float unit = 0.0f;         // sigma / 16
  float settled = 1.0f;      // a
  float charge = 0.0f;       // (Q - used I t) / (C V_s)
  float capacitance = 0.0f;  // used + C_p / C
  float late = 0.0f;         // (1 - g) / g, for converters that read delays
  bool delays = false;       // true if converters read delays
  float ceiling = 1.0f;      // V_s
  float gain = 0.0f;         // V_s / V_full
  float levels = 0.0f;       // 2^b
  float offset = 0.0f;       // + 1/2
  float bow = 0.0f;          // 4 inl
  float noise = 0.0f;        // LSB
  float last_code = 0.0f;
  bool spaced = true;  // true if decision levels are equally spaced

  RowReadout row(std::int32_t sum_of_cells, float converter_offset, const float* thresholds) const {
    const float excess = unit * static_cast<float>(sum_of_cells);
    if (delays) {
      const float scale = 1.0f / static_cast<float>(used);
      return {scale, late - excess * scale, offset + converter_offset, thresholds};
    }
    const float inverse = 1.0f / (capacitance + excess);
    return {settled * inverse, charge * inverse, offset + converter_offset, thresholds};
  }
  // Returns the converter's input in LSB, + 1/2.
  float input(std::uint32_t matches, std::int32_t matching_cells, const RowReadout& row, float normal) const {
    const float charged = static_cast<float>(matches) + unit * static_cast<float>(matching_cells);
    const float x = std::min(std::max(charged * row.scale + row.base, 0.0f), ceiling) * gain;
    return ((x * levels + row.offset) + bow * (x * (1.0f - x))) + noise * normal;
  }
  std::uint32_t code(std::uint32_t matches, std::int32_t matching_cells, const RowReadout& row, float normal) const {
    const float y = input(matches, matching_cells, row, normal);
    if (!spaced)
      return static_cast<std::uint32_t>(
          std::upper_bound(row.thresholds, row.thresholds + static_cast<std::ptrdiff_t>(last_code), y) -
          row.thresholds);
    if (row.thresholds == nullptr)
      return static_cast<std::uint32_t>(static_cast<std::int32_t>(std::min(std::max(y, 0.0f), last_code)));
    // The nearest threshold decides.
    const auto k = static_cast<std::int32_t>(std::min(std::max(y + 0.5f, 0.0f), last_code + 1.0f));
    return static_cast<std::uint32_t>(k - (y < static_cast<float>(k) + row.thresholds[k] ? 1 : 0));
  }
};

class RandomReadout {
 public:
  // Returns false if the code depends on the match count alone (Sensing::code).
  static bool needed(const SensingParams& sensing);

  RandomReadout(const SensingParams& sensing, const Segmentation& segmentation, std::uint64_t seed);

  const SegmentReadout& segment(std::uint32_t index) const { return segments_[index]; }
  bool cells_differ() const { return cells_differ_; }
  bool thresholds_differ() const { return sensing_.circuit.dnl_lsb > 0.0; }
  bool has_noise() const { return has_noise_; }
  // True if the normals of a search are no single draws, so that only RandomReadout::normal gives them.
  bool noise_per_cell() const { return has_noise_ && sensing_.circuit.noise_per_cell; }
  // True if codes can only be computed row by row (SegmentReadout::code), not by vectors.
  bool row_by_row() const { return noise_per_cell() || !decision_levels_.empty(); }
  std::uint32_t bits() const { return sensing_.bits; }
  std::uint64_t seed() const { return seed_; }
  // Returns an array's cells; empty if they are all alike.
  CellMismatch cells(std::uint32_t core, std::uint32_t array, std::uint32_t rows, std::uint32_t columns) const;
  ConverterMismatch converters(std::uint32_t core, std::uint32_t array, std::uint32_t rows) const {
    return {sensing_, decision_levels_, seed_, core, array, rows};
  }
  // Returns z of a search's row; 0 without noise. It depends only on the arguments, never on the order of calls.
  float normal(std::uint32_t head_number, std::uint32_t query, std::uint32_t key, std::uint32_t segment) const;

 private:
  float cells_normal(std::uint32_t head_number, std::uint32_t query, std::uint32_t key, std::uint32_t segment) const;

  // The weights in z of the draws of noise_per_cell.
  struct NoiseShares {
    float cell = 0.0f, matchline = 0.0f, comparator = 0.0f;
  };

  SensingParams sensing_;
  std::vector<double> decision_levels_;  // empty if they are equally spaced
  std::vector<SegmentReadout> segments_;
  std::vector<NoiseShares> shares_;
  bool cells_differ_ = false, has_noise_ = false;
  std::uint64_t seed_ = 0;
};

}  // namespace capcam
