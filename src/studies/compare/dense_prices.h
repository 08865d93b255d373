// Prices a dense unit by the same unit cards as the CAM machine: its components and the cost of each of their actions.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "cost/cards/library.h"
#include "cost/price.h"
#include "studies/compare/dense_run.h"

namespace capcam::baseline {

// How many heads the unit's memories hold: two where the next one is loaded while one is used.
struct HeadsHeld {
  double keys = 2.0, values = 2.0;
};
// Two, unless the machine has one of its own without a place for the next: what it hides, the unit hides.
HeadsHeld heads_held(const Config& machine, const TraceShape& shape);

MachinePrices dense_prices(const DenseUnit& unit, const Config& config, const CardLibrary& library,
                           const TraceShape& shape, const HeadsHeld& held);

// Returns the actions that have those prices.
std::vector<Action> dense_actions(const DenseRun& run, const DenseUnit& unit, const TraceShape& shape);

}  // namespace capcam::baseline
