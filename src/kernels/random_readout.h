// The part between a search and its code that differs from row to row and from search to search: cells and converters
// that differ and rows in other places (fixed for an array), and noise (new for every search and row). With the cells
// of kernels/cell_mismatch.h, the row's line V = slope M + base (kernels/matchline.h) and its converter's draws
// (kernels/converter_mismatch.h):
//
//   M = m + u sum of d_i over the matching cells,  S = used + u sum of d_i over all (capacitances alone);
//   x = V / (V_full (1 + full scale error)), V kept between 0 and V_s;
//   y = x 2^b + offset / V_lsb + bow 4 x (1 - x) + noise z, z a standard normal, V_lsb = V_full / 2^b;
//   code = the number of thresholds k - 1/2 + e_k, k = 1 .. 2^b - 1, that y reaches;
//   noise^2 = (kT / C of what holds the voltage + comparator_noise_mv^2 + V_m^2 of kernels/decision.h) / V_lsb^2.
//
// So a full scale half as large doubles what a millivolt or a kT/C costs. To first order capacitor mismatch gives V the
// standard deviation V_s sigma sqrt(m (d - m) / d) / d, largest at m = d / 2 (charge conservation).
//
// With noise_per_cell, every cell brings sqrt(kT C') of charge of its own, and one more draw the rest of the row's
// variance (matchline, sampling): the same variance from `used` + 1 draws.
//
// Converters that read delays (kind time_domain; kernels/delay_row.h, with its g, r, s and v):
//   x = (1 - g (used - m + s / 16 sum_{i not in M} d_i + r v / 16 sum of all d_i) / used) / (1 + full scale error),
// and noise^2 grows with used - m by the jitter of the cells and the elements that the edges have passed. An edge of
// the converter crosses V_s in two of its elements' delays, so that V_lsb = V_s / 2 for what its comparators, the
// registers, are off by.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "capcam/config.h"
#include "kernels/bits.h"
#include "kernels/cell_mismatch.h"
#include "kernels/converter_mismatch.h"
#include "kernels/delay_row.h"
#include "kernels/matchline.h"

namespace capcam {

// The constants of a row of an array.
struct RowReadout {
  float scale = 0.0f;                 // of a matching cell, in V_s
  float base = 0.0f;                  // without any matching cell, in V_s
  float gain = 0.0f;                  // V_s / full scale
  float offset = 0.5f;                // offset of its converter in LSB, + 1/2
  float bow = 0.0f;                   // 4 times that of its converter
  const float* thresholds = nullptr;  // thresholds of its converter
};

// The constants of one segment. Arithmetic is single precision, not fused, in the order written here, so that every
// instruction set gives the same codes.
struct SegmentReadout {
  std::uint32_t used = 0;
  float unit = 0.0f;                       // u
  float floor = 0.0f;                      // the least input, in V_s
  float ceiling = 1.0f;                    // the largest
  float levels = 0.0f;                     // 2^b
  float noise = 0.0f;                      // LSB, if all cells match
  float noise_square_per_mismatch = 0.0f;  // LSB^2
  float last_code = 0.0f;
  bool nearest = true;         // the nearest threshold decides (kernels/converter_mismatch.h)
  double volts_per_lsb = 0.0;  // V_lsb

  // Returns the standard deviation of the noise in LSB.
  float deviation(std::uint32_t matches) const {
    if (noise_square_per_mismatch == 0.0f) return noise;
    return std::sqrt(noise * noise + noise_square_per_mismatch * static_cast<float>(used - matches));
  }
  // Returns the converter's input in LSB, + 1/2.
  float input(std::uint32_t matches, std::int32_t matching_cells, const RowReadout& row, float normal) const {
    const float charged = static_cast<float>(matches) + unit * static_cast<float>(matching_cells);
    const float x = std::min(std::max(charged * row.scale + row.base, floor), ceiling) * row.gain;
    return ((x * levels + row.offset) + row.bow * (x * (1.0f - x))) + deviation(matches) * normal;
  }
  // Returns what a converter without errors would have to read in the place of y to err as this one does: y less the
  // error of the nearest threshold. Only for equally spaced levels.
  float as_decided(float y, const RowReadout& row) const {
    if (row.thresholds == nullptr) return y;
    const float k = std::min(std::max(std::floor(y + 0.5f), 1.0f), last_code);
    const auto i = static_cast<std::size_t>(k);
    return nearest ? y - row.thresholds[i] : y - (row.thresholds[i - 1] - k);
  }
  std::uint32_t code(std::uint32_t matches, std::int32_t matching_cells, const RowReadout& row, float normal) const {
    const float y = input(matches, matching_cells, row, normal);
    if (!nearest)
      return static_cast<std::uint32_t>(
          std::upper_bound(row.thresholds, row.thresholds + static_cast<std::ptrdiff_t>(last_code), y) -
          row.thresholds);
    if (row.thresholds == nullptr)
      return static_cast<std::uint32_t>(static_cast<std::int32_t>(std::min(std::max(y, 0.0f), last_code)));
    const auto k = static_cast<std::int32_t>(std::min(std::max(y + 0.5f, 0.0f), last_code + 1.0f));
    return static_cast<std::uint32_t>(k - (y < static_cast<float>(k) + row.thresholds[k] ? 1 : 0));
  }
};

class RandomReadout {
 public:
  // Returns false if the code depends on the match count alone (Sensing::code).
  static bool needed(const Config& config);

  // Everything is drawn by config.seed.
  RandomReadout(const Config& config, const Segmentation& segmentation);

  const SegmentReadout& segment(std::uint32_t index) const { return segments_[index]; }
  bool cells_differ() const { return cells_differ_; }
  bool thresholds_differ() const { return thresholds_differ_; }
  bool rows_bow() const { return config_.sensing.circuit.inl_lsb > 0.0; }
  bool has_noise() const { return has_noise_; }
  // True if the normals of a search are no single draws, so that only RandomReadout::normal gives them.
  bool noise_per_cell() const { return has_noise_ && config_.sensing.circuit.noise_per_cell; }
  // True if codes can only be computed row by row (SegmentReadout::code), not by vectors.
  bool row_by_row() const { return noise_per_cell() || !segments_.front().nearest; }
  std::uint32_t bits() const { return config_.sensing.bits; }
  std::uint64_t seed() const { return config_.seed; }
  // Returns an array's cells; empty if they are all alike. They are for this readout's segments.
  CellMismatch cells(std::uint32_t core, std::uint32_t array, std::uint32_t rows, std::uint32_t columns) const;
  ConverterMismatch converters(std::uint32_t core, std::uint32_t array, std::uint32_t rows) const {
    return {config_.sensing, config_.seed, core, array, rows, volts_per_lsb_};
  }
  // Returns the constants of a row of the array that has these cells and converters, which must outlive the result.
  RowReadout row(std::uint32_t segment, std::uint32_t row, const CellMismatch& cells,
                 const ConverterMismatch& converters) const;
  // Returns z of a search's row; 0 without noise. It depends only on the arguments, never on the order of calls.
  float normal(std::uint32_t head_number, std::uint32_t query, std::uint32_t key, std::uint32_t segment) const;

 private:
  // Finds u and the weights of the cells.
  void weigh_cells(double sigma);
  float cells_normal(std::uint32_t head_number, std::uint32_t query, std::uint32_t key, std::uint32_t segment) const;
  void set_noise(SegmentReadout& segment, const RowCircuit& row, const DelayRow& delays, double undecided_v);

  // The weights in z of the draws of noise_per_cell.
  struct NoiseShares {
    float cell = 0.0f, rest = 0.0f, comparator = 0.0f;
  };

  // Returns what a segment has of a list that has one entry, or a second one for a last segment of fewer columns.
  template <class Row>
  const Row& of_segment(const std::vector<Row>& rows, std::uint32_t segment) const {
    return segment == last_ ? rows.back() : rows.front();
  }

  Config config_;
  bool delays_ = false;
  std::uint32_t last_ = 0;
  std::vector<RowCircuit> rows_;       // of full segments and of the last; one if they are alike
  std::vector<DelayRow> delay_rows_;   // the same
  std::vector<double> volts_per_lsb_;  // of the first segment and, if it has another, the last
  std::vector<SegmentReadout> segments_;
  std::vector<NoiseShares> shares_;   // [segment]
  std::vector<CellWeights> weights_;  // of full segments and of a narrower last one; empty if no cell has any
  double unit_ = 0.0, steps_per_sigma_ = CellMismatch::steps_per_sigma;
  bool cells_differ_ = false, has_noise_ = false, thresholds_differ_ = false;
};

}  // namespace capcam
