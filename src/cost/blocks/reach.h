// What a clock leaves too little time for. Times are in delays of an inverter that drives four (gate_delay_ps), by
// textbook depths: of a carry look-ahead adder of b bits 4 + 2 log2 b, of a memory 12 + log2 of its bits, of a stage
// of a sorting network an adder and a multiplexer.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "capcam/config.h"
#include "cost/blocks/blocks.h"

namespace capcam {

// `config` has its circuit filled in (cost/circuit_cards.h). Returns one text for each unit whose cycles are too few,
// and one for the phases of a search that are too short. Throws InputError if a cycle is shorter than eight delays: no
// register and gate between two edges work in less.
std::vector<std::string> unreached(const Config& config, const Blocks& blocks);

}  // namespace capcam
