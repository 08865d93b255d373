// What a machine costs before anything runs, or a finished run under other cards: the area of every component, the
// energy of every action, and the cards.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "cost/price.h"

namespace capcam {

// Schema "capcam-cost/1". With head_queries > 0 also the energy of the run whose counts are in the cost.
nlohmann::ordered_json cost_to_json(const Cost& cost, const CardLibrary& library, std::uint64_t head_queries = 0);
std::string cost_table(const Cost& cost, const CardLibrary& library);
// Energy of such a run by component.
std::string run_cost_table(const Cost& cost, std::uint64_t head_queries);

}  // namespace capcam
