// The row that a netlist writes, as an array's draws make it, and what the model expects of it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "capcam/config.h"
#include "kernels/matchline.h"

namespace capcam {

struct NetlistRow {
  std::uint32_t row = 0;               // of the array
  std::vector<bool> matches;           // cell by cell
  std::vector<double> capacitance_ff;  // cell by cell, of its capacitor
  InjectedCharge injected;             // by its share switches and its converter's sampling switch
};

// Returns the row-th row of an array as the seed draws it, with these cells matching.
NetlistRow drawn_row(const Config& config, std::uint32_t core, std::uint32_t array, std::uint32_t row,
                     std::vector<bool> matches);

// Returns the model's voltage of the row when its converter decides.
double expected_voltage(const Config& config, const NetlistRow& row);
// Returns the charge that the second of two equal searches of the row draws from the supply, the first from the worst
// state where phases take their time.
double expected_charge_fc(const Config& config, const NetlistRow& row);

}  // namespace capcam
