// The sums that a core keeps: cycles of its stages, actions, and when queries and groups did what.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "capcam/run_stats.h"
#include "core/cycle.h"
#include "machine/stages.h"

namespace capcam::fast {

// Has a number of cycles for each stage.
class CyclesOfStages {
 public:
  Cycle& operator[](Stage stage) { return cycles_[index_of(stage)]; }
  Cycle operator[](Stage stage) const { return cycles_[index_of(stage)]; }

 private:
  std::array<Cycle, stage_list.size()> cycles_{};
};

struct Tally {
  CyclesOfStages busy;
  CyclesOfStages blocked;  // for Stage::tile_selection, all time that results are on show, work included
  ActionCounts counts;

  // Adds this tally to `total` so many times.
  void add_to(Tally& total, std::uint64_t times) const;
};

// Adds every count to `total` so many times.
void add_counts(ActionCounts& total, const ActionCounts& counts, std::uint64_t times);

struct Record {
  Tally tally;
  std::vector<std::pair<std::uint64_t, Cycle>> completed;  // query of the core, cycle
  std::vector<std::pair<std::uint64_t, Cycle>> entered;    // group of the core, cycle
};

}  // namespace capcam::fast
