// A CAM row as a SPICE netlist: the equations of kernels/matchline.h as capacitors and switches.
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

// Returns the row-th row of an array as the seed draws it (sensing.matching_coefficient), with these cells matching.
NetlistRow drawn_row(const Config& config, std::uint32_t core, std::uint32_t array, std::uint32_t row,
                     std::vector<bool> matches);

// Returns the model's voltage of the row.
double expected_voltage(const CircuitParams& circuit, const NetlistRow& row);

// Writes the row through precharge, share and hold, for a converter kind that reads shared charge. The netlist measures
// v_matchline, the voltage at the moment the converter samples, and v_sampled, the same kept between ground and supply
// as the model keeps it, because ideal current sources could go beyond. Switches are ideal but for their resistance, so
// that a user can replace them by devices of a PDK.
std::string row_netlist(const SensingParams& sensing, const NetlistRow& row);

}  // namespace capcam
