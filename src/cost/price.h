// The cost of a run: its action counts times the cards' prices.
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

// Prices a run. Equal counts give equal energy to the last bit. Leakage is charged for the time of the run. With the
// trace's shape, cards made for another head dimension are noted too. Throws what machine_prices throws.
Cost price(const RunStats& stats, const Config& config, const CardLibrary& library, const TraceShape* shape = nullptr);

// Prices any unit that works for time_ns and whose prices and actions have the same names. Throws LawBroken for an
// action that is priced but not counted.
Cost add_up(const MachinePrices& prices, const std::vector<Action>& actions, const CardLibrary& library,
            double time_ns);

// Throws LawBroken unless energy and area are the sums of their parts.
void check_cost(const Cost& cost);

}  // namespace capcam
