// A CAM row as a SPICE netlist: the cell circuits of kernels/cell_circuit.h and the phases of kernels/phases.h as
// capacitors and switches.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "capcam/config.h"

namespace capcam {

struct NetlistRow {
  std::uint32_t row = 0;               // of the array
  std::vector<bool> matches;           // cell by cell
  std::vector<double> capacitance_ff;  // cell by cell, of its capacitor
  double injected_fc = 0.0;            // by its share switches
};

// Returns the row-th row of an array as the seed draws it, with these cells matching.
NetlistRow drawn_row(const Config& config, std::uint32_t core, std::uint32_t array, std::uint32_t row,
                     std::vector<bool> matches);

// Returns the model's voltage of the row when its converter decides.
double expected_voltage(const Config& config, const NetlistRow& row);
// Returns the charge that a search of the row draws from the supply once every phase settles.
double expected_charge_fc(const Config& config, const NetlistRow& row);

// Writes the row for a converter kind that reads a voltage.
//
// Without sensing.settling every phase is as long as it needs, and the row is searched twice: the netlist measures
// v_sampled, what the converter has when it decides, kept between ground and supply, v_matchline, the same before, and
// q_supply, what the second search draws from the supply. Leakage and injection act on the row itself.
// With it phases take their time, with the resistances of the model, from the worst state before a search; the wire of
// the matchline is a ladder. What leakage and injection add is superposed, as in the model. Switches are ideal but for
// their resistance, so that a user can replace them by devices of a PDK.
std::string row_netlist(const Config& config, const NetlistRow& row);

}  // namespace capcam
