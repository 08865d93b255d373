// Spreads of figures and the cards that move them, as JSON and as a table.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "capcam/drawn.h"

namespace capcam {

nlohmann::ordered_json spread_json(const Spread& spread);
nlohmann::ordered_json swings_json(const std::vector<Swing>& swings);
// [{figure, unit, value, low, median, high, by_cards: [{cards, low, high}]}]
nlohmann::ordered_json drawn_json(const std::vector<DrawnFigure>& figures);
// Shows each figure's spread and the eight units that move it most.
std::string drawn_table(const std::vector<DrawnFigure>& figures);

}  // namespace capcam
