// What a core adds up: cycles of its stages, actions, and when queries and groups did what.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "capcam/run_stats.h"
#include "engines/fast/cycle.h"

namespace capcam::fast {

enum Stage : std::uint32_t {
  association,
  normalization,
  contextualization,
  key_programming,
  cam_array,
  sensing,
  tile_selection,
  merge,
  softmax,
  prefetch,
  stage_count
};

struct Tally {
  std::array<Cycle, stage_count> busy{};
  std::array<Cycle, stage_count> blocked{};
  ActionCounts counts;
  // total += times * this.
  void add_to(Tally& total, std::uint64_t times) const;
};

// Adds `times` times every count.
void add_counts(ActionCounts& total, const ActionCounts& counts, std::uint64_t times);

struct Record {
  Tally tally;
  std::vector<std::pair<std::uint64_t, Cycle>> completed;  // query of the core, when
  std::vector<std::pair<std::uint64_t, Cycle>> entered;    // group of the core, when
};

}  // namespace capcam::fast
