// What a run costs: action counts times cards.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "capcam/config.h"
#include "capcam/cost.h"
#include "capcam/figure.h"
#include "capcam/run_stats.h"
#include "cost/cards/library.h"
#include "cost/component_price.h"

namespace capcam {

// Pure and deterministic: equal counts give equal energy to the last bit. Leakage is charged for the time of the run.
// With the trace's shape, cards made for another head dimension are noted too. Throws what machine_prices throws.
Cost price(const RunStats& stats, const Config& config, const CardLibrary& library, const TraceShape* shape = nullptr);

// The same of any unit whose prices and actions are named alike, at work for time_ns. Throws LawBroken for an action
// that is priced but not counted.
Cost add_up(const MachinePrices& prices, const std::vector<Action>& actions, const CardLibrary& library,
            double time_ns);

// Energy and area are the sums of their parts, exactly. Throws LawBroken.
void check_cost(const Cost& cost);

}  // namespace capcam
