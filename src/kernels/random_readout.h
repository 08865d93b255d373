// What is random between a search and its code: cells that differ (fixed for an array) and noise (new for every search
// and row). With matching cells M of `used`, capacitance C_i = C (1 + sigma d_i / 16) (kernels/cell_mismatch.h), and
// the other symbols of kernels/matchline.h:
//
//   V = (V_s sum_{i in M} C_i + Q - used I t) / (sum_i C_i + C_p), kept between 0 and V_s;
//   code = floor(x 2^b + offset + inl 4 x (1 - x) + noise z + 1/2), x = V / V_full, z a standard normal,
//   noise^2 = kT / (used C + C_p) / V_lsb^2 + comparator noise^2, V_lsb = V_full / 2^b.
//
// sigma = matching_coefficient / sqrt(C) (Pelgrom's law for capacitors); kT/C: charge sharing leaves the matchline with
// the thermal noise of its total capacitance. To first order the mismatch gives V the standard deviation
// V_s sigma sqrt(m (d - m) / d) / d, largest at m = d / 2 (charge conservation).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "config/config.h"
#include "kernels/bits.h"
#include "kernels/cell_mismatch.h"

namespace capcam {

// One segment's constants. Single precision, no operation fused, in the order written here: every instruction set gives
// the same codes.
struct SegmentReadout {
  std::uint32_t used = 0;
  float unit = 0.0f;         // sigma / 16
  float charge = 0.0f;       // (Q - used I t) / (C V_s)
  float capacitance = 0.0f;  // used + C_p / C
  float gain = 0.0f;         // V_s / V_full
  float levels = 0.0f;       // 2^b
  float offset = 0.0f;       // + 1/2
  float bow = 0.0f;          // 4 inl
  float noise = 0.0f;        // LSB
  float last_code = 0.0f;

  // 1 / (sum of the row's capacitances + C_p), in 1 / C.
  float row_inverse(std::int32_t sum_of_cells) const {
    return 1.0f / (capacitance + unit * static_cast<float>(sum_of_cells));
  }
  std::uint32_t code(std::uint32_t matches, std::int32_t matching_cells, float inverse, float normal) const {
    const float charged = (static_cast<float>(matches) + unit * static_cast<float>(matching_cells)) + charge;
    const float x = std::min(std::max(charged * inverse, 0.0f), 1.0f) * gain;
    const float y = ((x * levels + offset) + bow * (x * (1.0f - x))) + noise * normal;
    return static_cast<std::uint32_t>(static_cast<std::int32_t>(std::min(std::max(y, 0.0f), last_code)));
  }
};

class RandomReadout {
 public:
  // False: the code depends on the match count alone (Sensing::code).
  static bool needed(const SensingParams& sensing);

  RandomReadout(const SensingParams& sensing, const Segmentation& segmentation, std::uint64_t seed);

  const SegmentReadout& segment(std::uint32_t index) const { return segments_[index]; }
  bool cells_differ() const { return cells_differ_; }
  bool has_noise() const { return has_noise_; }
  std::uint64_t seed() const { return seed_; }
  // An array's cells; none if they are all alike.
  CellMismatch cells(std::uint32_t core, std::uint32_t array, std::uint32_t rows, std::uint32_t columns) const;
  // z of a search's row: by what is computed, so the same in whatever order. 0 without noise.
  float normal(std::uint32_t head_number, std::uint32_t query, std::uint32_t key, std::uint32_t segment) const;

 private:
  std::vector<SegmentReadout> segments_;
  bool cells_differ_ = false, has_noise_ = false;
  std::uint64_t seed_ = 0;
};

}  // namespace capcam
