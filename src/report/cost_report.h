// What a machine costs before anything runs: the area of every component, the energy of every action, and the cards.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "cost/cost.h"

namespace capcam {

nlohmann::ordered_json cost_to_json(const Cost& cost, const CardLibrary& library);  // schema "capcam-cost/1"
std::string cost_table(const Cost& cost, const CardLibrary& library);

}  // namespace capcam
