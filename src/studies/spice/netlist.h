// A CAM row as a SPICE netlist: the cell circuits of kernels/cell_circuit.h and the phases of kernels/phases.h as
// capacitors and switches.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "studies/spice/netlist_row.h"

namespace capcam {

// Writes the row for a converter kind that reads a voltage.
//
// The row is searched twice. The netlist measures v_sampled, what the converter has when it decides, kept between
// ground and supply, v_matchline, the same before, and q_supply, what the second search draws from the supply. Without
// sensing.settling every phase is as long as it needs; leakage and injection act on the row itself. With it phases take
// their time, with the resistances of the model, the first search from the worst state, which is the one whose voltages
// are measured; the wire of the matchline is a ladder. What leakage and injection add is superposed then, as in the
// model. Switches are ideal but for their resistance, so that a user can replace them by devices of a PDK.
std::string row_netlist(const Config& config, const NetlistRow& row);

}  // namespace capcam
