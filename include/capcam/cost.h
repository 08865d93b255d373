// The cost of a run: energy and area of every component. Where the sources of a library disagree, a figure spans them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "capcam/figure.h"
#include "capcam/provenance.h"

namespace capcam {

struct ActionCost {
  std::string name;  // "convert"
  std::string_view unit;
  std::uint64_t count = 0;
  Figure energy_per_action_pj;
  Figure energy_pj;  // count x energy_per_action_pj
};

struct ComponentCost {
  std::string name;
  std::vector<Provenance> cards;           // the card that says most comes first
  std::optional<double> normalized_to_nm;  // absent if the numbers are used at their own node
  std::uint64_t instances = 0;             // instances in the whole machine
  Figure area_um2;                         // area of all instances together
  Figure leakage_mw;                       // leakage of all instances together
  Figure energy_pj;                        // sum over its actions, in order
  std::vector<ActionCost> actions;
};

// on_chip sums components in order, then leakage; total is on_chip + dram. Values, lows and highs are summed exactly.
struct Cost {
  std::string library;
  std::vector<ComponentCost> components;  // on chip, in the order of the data flow
  ComponentCost dram;                     // off chip, so it has no area
  Figure on_chip_pj, dram_pj, leakage_pj, total_pj;
  Figure area_um2, leakage_mw;
  double dram_pj_per_bit = 0.0;
  std::string leakage_note;
  std::vector<std::string> notes;  // say where the machine is not the one the cards describe
};

}  // namespace capcam
