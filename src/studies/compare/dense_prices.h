// Prices a dense unit by the same unit cards as the CAM machine: its components and the cost of each of their actions.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "cost/cards/library.h"
#include "cost/price.h"
#include "studies/compare/dense_run.h"

namespace capcam::baseline {

// Throws InputError if the library is not made of unit cards, because a table of modules has no dense unit.
MachinePrices dense_prices(const DenseUnit& unit, const Config& config, const CardLibrary& library,
                           const TraceShape& shape);

// Returns the actions that have those prices.
std::vector<Action> dense_actions(const DenseRun& run);

}  // namespace capcam::baseline
