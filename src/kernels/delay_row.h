// A row that is read by delays (kind time_domain), in picoseconds. An edge runs through the inverters of its d = `used`
// cells. Each drives the capacitance C_x of its node (cell_parasitic_ff), and C_d (delay_capacitance_ff) more if the
// cell does not match, as in delay chains of variable capacitance. With t(C) of config/conditions.h, m cells matching,
//
//   T(m)  = d t(C_x) + (d - m) t(C_d)      when the edge arrives
//   x     = 1 - (T(m) - d t(C_x)) / T_c    as a fraction of full scale: a row whose cells all match starts the
//   converter T_c   = d t(C_d), at the cells' supply, corner and temperature if the converter's delays are of the same
//   transistors
//           (reference_follows_supply), else under nominal conditions (a chain that is locked to a clock)
//   g     = d t(C_d) / T_c, r = C_x / C_d
//
// The converter is a chain of 2^b elements of T_c / 2^b each, inverters with the load C_d d / 2^b. An element shorter
// than least_delay_ps cannot be made, and such configurations are refused (config/check.cpp).
//
// Late edges (with `settling`): cells are reset together in precharge_part of a search, then the search lines rise,
// then the edge runs for the rest, T_a. What has not arrived then reads as if it arrived just then: x >= 1 - (T_a - d
// t(C_x)) / T_c, between 0 and 1. Without settling there is time enough.
//
// Cells differ: with the spread v of an inverter's current (config/conditions.h) and that of a load,
// matching_coefficient / sqrt(C_d), t(C_d) has the spread s = sqrt(v^2 + coefficient^2 / C_d) and t(C_x) has v; one
// draw stands for both.
//
// Jitter adds up along the inverters that the edges have passed: those of the cells, of the row that starts the
// converter, and of the converter's elements, together 2 d of C_x and 2 (d - m) of C_d. A jitter's square grows with C,
// so what the elements' loads add is that of (d - m) C_d, however many elements there are.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "capcam/config.h"

namespace capcam {

// Returns s.
double delay_spread(const CircuitParams& circuit);

class DelayRow {
 public:
  DelayRow(const Config& config, std::uint32_t used_columns);

  double relative() const { return relative_; }                // g
  double parasitic_share() const { return parasitic_share_; }  // r
  // Returns the deviation of t(C_x) for one of t(C_d), r v / s; r without any.
  double passing_share() const { return passing_share_; }
  double full_scale_ps() const { return full_scale_ps_; }  // T_c
  // Returns T(0), the time that the edge of a row without any match needs.
  double longest_ps() const { return longest_ps_; }
  double available_ps() const { return available_ps_; }  // T_a
  // Returns the x of an edge that arrives at T_a or later; 0 if there is time enough.
  double least_input() const { return least_input_; }
  // Returns x without any draw.
  double input(double matching_cells) const;
  // Returns the square of the standard deviation of x by jitter when all cells match, and what each other cell adds.
  double jitter_square() const { return jitter_square_; }
  double jitter_square_per_mismatch() const { return jitter_square_per_mismatch_; }

 private:
  double used_, relative_, parasitic_share_, passing_share_, full_scale_ps_, longest_ps_, available_ps_,
      least_input_ = 0.0;
  double jitter_square_, jitter_square_per_mismatch_;
};

}  // namespace capcam
