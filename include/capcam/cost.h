// What a run costs: energy and area of every component.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "capcam/provenance.h"

namespace capcam {

// Every figure is a value and, where the sources of a library disagree, an interval: low and high. The interval of a
// sum is the sum of the intervals; without disagreement low and high are the value.
struct Interval {
  double low = 0.0;
  double high = 0.0;
  Interval& operator+=(const Interval& other) {
    low += other.low;
    high += other.high;
    return *this;
  }
  bool operator==(const Interval&) const = default;
};

struct ActionCost {
  std::string name;  // "convert"
  std::string_view unit;
  std::uint64_t count = 0;
  double energy_per_action_pj = 0.0;
  double energy_pj = 0.0;  // count x energy_per_action_pj
  Interval per_action_interval_pj;
  Interval energy_interval_pj;
};

struct ComponentCost {
  std::string name;
  std::vector<Provenance> cards;  // the one that says most first
  double normalized_to_nm = 0.0;  // 0: the numbers are used at their own node
  std::uint64_t instances = 0;    // in the whole machine
  double area_um2 = 0.0;          // of all instances
  double leakage_mw = 0.0;        // of all instances
  double energy_pj = 0.0;         // the sum of its actions, in order
  Interval area_interval_um2, leakage_interval_mw, energy_interval_pj;
  std::vector<ActionCost> actions;
};

// on_chip = components in order, then leakage; total = on_chip + dram. Exactly, and the same of the intervals.
struct Cost {
  std::string library;
  std::vector<ComponentCost> components;  // on chip, in the order of the data flow
  ComponentCost dram;                     // off chip: no area
  double on_chip_pj = 0.0;
  double dram_pj = 0.0;
  double leakage_pj = 0.0;
  double total_pj = 0.0;
  double area_um2 = 0.0;
  double leakage_mw = 0.0;
  Interval on_chip_interval_pj, dram_interval_pj, leakage_interval_pj, total_interval_pj;
  Interval area_interval_um2, leakage_interval_mw;
  double dram_pj_per_bit = 0.0;
  std::string leakage_note;
  std::vector<std::string> notes;  // where the machine is not the one the cards describe
};

}  // namespace capcam
