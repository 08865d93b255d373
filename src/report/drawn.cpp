// SPDX-License-Identifier: Apache-2.0
#include "report/drawn.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "report/table.h"

namespace capcam {

nlohmann::ordered_json spread_json(const Spread& s) {
  return {{"value", s.value}, {"low", s.low}, {"median", s.median}, {"high", s.high}};
}

nlohmann::ordered_json swings_json(const std::vector<Swing>& swings) {
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  for (const Swing& swing : swings) json.push_back({{"cards", swing.unit}, {"low", swing.low}, {"high", swing.high}});
  return json;
}

nlohmann::ordered_json drawn_json(const std::vector<DrawnFigure>& figures) {
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  for (const DrawnFigure& figure : figures) {
    nlohmann::ordered_json one = {{"figure", figure.figure}, {"unit", figure.unit}};
    one.update(spread_json(figure.spread));
    one["by_cards"] = swings_json(figure.swings);
    json.push_back(std::move(one));
  }
  return json;
}

std::string drawn_table(const std::vector<DrawnFigure>& figures) {
  constexpr std::size_t shown = 8;
  TextTable table({{"cards drawn"},
                   {"preferred", Align::right},
                   {"5 %", Align::right},
                   {"median", Align::right},
                   {"95 %", Align::right},
                   {"moved by the cards of"},
                   {"low", Align::right},
                   {"high", Align::right}});
  const auto text = [](double value) { return fmt::format("{:.4g}", value); };
  for (const DrawnFigure& figure : figures) {
    const Spread& s = figure.spread;
    std::vector<std::string> cells{fmt::format("{}, {}", figure.figure, figure.unit), text(s.value), text(s.low),
                                   text(s.median), text(s.high)};
    for (std::size_t i = 0; i < std::min(shown, figure.swings.size()); ++i) {
      const Swing& swing = figure.swings[i];
      if (i > 0) cells.assign(5, "");
      for (const std::string& cell : {swing.unit, text(swing.low), text(swing.high)}) cells.push_back(cell);
      table.row(cells);
    }
    if (figure.swings.empty()) table.row(cells);
  }
  return table.text();
}

}  // namespace capcam
