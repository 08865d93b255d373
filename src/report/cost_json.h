// Energy, area and cards of a cost, as every report has them: totals and components, then the same for the low and the
// high end of every interval.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <optional>

#include "cost/price.h"

namespace capcam {

nlohmann::ordered_json energy_to_json(const Cost& cost, std::optional<double> pj_per_head_query);
nlohmann::ordered_json area_to_json(const Cost& cost);
nlohmann::ordered_json cards_to_json(const Cost& cost);  // one entry per component and card

}  // namespace capcam
