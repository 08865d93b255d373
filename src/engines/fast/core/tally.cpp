// SPDX-License-Identifier: Apache-2.0
#include "engines/fast/core/tally.h"

#include <bit>

namespace capcam::fast {
namespace {

// Every action count is a 64-bit number.
using Counts = std::array<std::uint64_t, sizeof(ActionCounts) / sizeof(std::uint64_t)>;

}  // namespace

void add_counts(ActionCounts& total, const ActionCounts& counts, std::uint64_t times) {
  auto sums = std::bit_cast<Counts>(total);
  const auto more = std::bit_cast<Counts>(counts);
  for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += times * more[i];
  total = std::bit_cast<ActionCounts>(sums);
}

void Tally::add_to(Tally& total, std::uint64_t times) const {
  for (const StageEntry& entry : stage_list) {
    total.busy[entry.stage] += static_cast<Cycle>(times) * busy[entry.stage];
    total.blocked[entry.stage] += static_cast<Cycle>(times) * blocked[entry.stage];
  }
  add_counts(total.counts, counts, times);
}

}  // namespace capcam::fast
