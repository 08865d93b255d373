// SPDX-License-Identifier: Apache-2.0
#include "studies/sweep/table/front.h"

#include <nlohmann/json.hpp>

#include "report/figures.h"
#include "studies/sweep/table/pareto.h"

namespace capcam {

std::vector<Objective> stored_objectives(ResultStore& store) {
  const std::optional<std::string> text = store.text("objectives");
  return text ? read_objectives(nlohmann::json::parse(*text)) : default_objectives();
}

std::vector<bool> front_of(ResultStore& store, const std::vector<Objective>& objectives) {
  std::vector<ObjectiveFigures> points;
  store.for_each([&](const StoredPoint& point) {
    ObjectiveFigures& figures = points.emplace_back(objectives.size());
    if (!point.result || !point.result->done) return;
    const auto report = nlohmann::ordered_json::parse(point.result->report);
    for (std::size_t i = 0; i < objectives.size(); ++i) {
      const nlohmann::ordered_json* figure = find_figure(report, objectives[i].figure);
      if (figure != nullptr && figure->is_number()) figures[i] = figure->get<double>();
    }
  });
  return pareto_front(objectives, points);
}

void mark_front(ResultStore& store) { store.set_front(front_of(store, stored_objectives(store))); }

}  // namespace capcam
