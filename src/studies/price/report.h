// The report of a machine's cost before anything runs, or of a finished run's cost under other cards: the area of every
// component, the energy of every action, and the cards.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "cost/price.h"

namespace capcam {

// The schema is "capcam-cost/1". With head_queries > 0 it has the energy of the run whose counts are in the cost, too.
nlohmann::ordered_json cost_to_json(const Cost& cost, const CardLibrary& library, std::uint64_t head_queries = 0);
std::string cost_table(const Cost& cost, const CardLibrary& library);
// Returns the energy of such a run by component.
std::string run_cost_table(const Cost& cost, std::uint64_t head_queries);

}  // namespace capcam
