// A CAM row as a SPICE netlist: what kernels/matchline.h says in equations, as capacitors and switches.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "capcam/config.h"

namespace capcam {

struct NetlistRow {
  std::vector<bool> matches;           // cell by cell
  std::vector<double> capacitance_ff;  // cell by cell
};

// The row-th row of an array as drawn with a seed (sensing.matching_coefficient), with these cells matching.
NetlistRow drawn_row(const Config& config, std::uint32_t core, std::uint32_t array, std::uint32_t row,
                     std::vector<bool> matches);

// What the model says of it.
double expected_voltage(const CircuitParams& circuit, const NetlistRow& row);

// The row through precharge, share and hold, of a kind of converter that reads shared charge. Measures v_matchline, the
// voltage at the moment the converter samples, and v_sampled, the same kept between ground and the supply as the model
// keeps it: ideal current sources could go beyond. Readable; switches are ideal but for their resistance, so that a
// user can put devices of a PDK in their place.
std::string row_netlist(const SensingParams& sensing, const NetlistRow& row);

}  // namespace capcam
