// What a run costs: action counts times cards.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "cost/library.h"
#include "stats/run_stats.h"

namespace capcam {

struct ActionCost {
  std::string name;  // "convert"
  std::string_view unit;
  std::uint64_t count = 0;
  double energy_per_action_pj = 0.0;
  double energy_pj = 0.0;  // count x energy_per_action_pj
};

struct ComponentCost {
  std::string name;
  Provenance provenance;
  double normalized_to_nm = 0.0;  // 0: the numbers are used at their own node
  std::uint64_t instances = 0;    // in the whole machine
  double area_um2 = 0.0;          // of all instances
  double energy_pj = 0.0;         // the sum of its actions, in order
  std::vector<ActionCost> actions;
};

// on_chip = components in order, then leakage; total = on_chip + dram. Exactly.
struct Cost {
  std::string library;
  std::vector<ComponentCost> components;  // on chip, in the order of the data flow
  ComponentCost dram;                     // off chip: no area
  double on_chip_pj = 0.0;
  double dram_pj = 0.0;
  double leakage_pj = 0.0;
  double total_pj = 0.0;
  double area_um2 = 0.0;
  double dram_pj_per_bit = 0.0;
  std::string leakage_note;
  std::vector<std::string> notes;  // where the machine is not the one the cards describe
};

// Pure and deterministic: equal counts give equal energy to the last bit. The energy of an action does not depend on
// the clock. With the trace's shape, cards made for another head dimension are noted too. Throws LawBroken naming every
// action that the library neither prices nor declares free.
Cost price(const RunStats& stats, const Config& config, const CardLibrary& library, const TraceShape* shape = nullptr);

// Energy and area are the sums of their parts, exactly. Throws LawBroken.
void check_cost(const Cost& cost);

}  // namespace capcam
