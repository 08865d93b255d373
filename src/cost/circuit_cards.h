// The keys of the circuit that are "auto", worked out from the unit cards of the node. With p the side of a cell (its
// transistors or its capacitor, whichever is larger), gates and drains of minimum size and wires by their cards:
//
//   cell_parasitic_ff         3 drains: precharge or reset, evaluation, share switch
//                             read by delays: an inverter's drains and the load switch's, the next inverter's 2 gates,
//                             all drive_current_ua / 40 uA times as wide as the smallest, and p wire
//   matchline_ohm_per_column  p wire;  search_line_ohm_per_row the same
//   search_line_ff_per_row    2 gates + p wire
//   sampling_capacitance_ff   2^b of the smallest elements, of a converter that samples; no more than
//                             matchline_capacitance_ff, if that is given, as it is a part of it
//   matchline_capacitance_ff  columns (1 drain + p wire) + a reset drain + the converter's input: the sampling
//                             capacitor, and of one that does not sample 2 gates a comparator (2^b - 1 for kind flash)
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "capcam/config.h"
#include "cost/cards/library.h"

namespace capcam {

// Returns true if such a key is to be worked out.
bool needs_circuit_cards(const Config& config);
// Returns the configuration with those keys filled in; as it is if the library has no cards of them.
Config with_circuit_cards(const Config& config, const CardLibrary& library);

}  // namespace capcam
