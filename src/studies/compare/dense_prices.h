// A dense unit made of the same unit cards as the CAM machine: its components, what each of their actions costs.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "cost/cards/library.h"
#include "cost/price.h"
#include "studies/compare/dense_run.h"

namespace capcam::baseline {

// Throws InputError if the library is not made of unit cards: a module table has no dense unit in it.
MachinePrices dense_prices(const DenseUnit& unit, const Config& config, const CardLibrary& library,
                           const TraceShape& shape);

// The actions those prices are for.
std::vector<Action> dense_actions(const DenseRun& run);

}  // namespace capcam::baseline
