// Prices a dense unit by the same unit cards as the CAM machine: its components and the cost of each of their actions.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "cost/cards/library.h"
#include "cost/price.h"
#include "studies/compare/dense_run.h"

namespace capcam::baseline {

// The SRAM holds the keys and values of so many heads.
MachinePrices dense_prices(const DenseUnit& unit, const Config& config, const CardLibrary& library,
                           const TraceShape& shape, std::uint32_t heads_held);

// Returns the actions that have those prices.
std::vector<Action> dense_actions(const DenseRun& run, const DenseUnit& unit, const TraceShape& shape);

}  // namespace capcam::baseline
