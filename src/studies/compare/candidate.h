// The units that could stand in the machine's place.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cost/price.h"
#include "workload/workload.h"

namespace capcam::baseline {

// A unit of one size, and its run on the trace.
struct Candidate {
  std::string unit;
  std::uint64_t cycles = 0, first_query_latency = 0;
  std::function<MachinePrices(const CardLibrary& cards, const Config& config)> prices;
  std::vector<Action> actions;
  double operations = 0.0;  // dense: 2 per multiply-accumulate
  // Says the machine whose outputs are this unit's; empty if its own arithmetic has to be done.
  std::shared_ptr<const Config> machine;
};

// Prices a candidate.
inline Cost cost_of(const Candidate& candidate, const CardLibrary& cards, const Config& config) {
  return add_up(candidate.prices(cards, config), candidate.actions, cards,
                static_cast<double>(candidate.cycles) / config.clock.frequency_ghz);
}

}  // namespace capcam::baseline
