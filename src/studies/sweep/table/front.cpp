// SPDX-License-Identifier: Apache-2.0
#include "studies/sweep/table/front.h"

#include <nlohmann/json.hpp>
#include <variant>

#include "capcam/error.h"
#include "core/json_text.h"
#include "report/figures.h"
#include "studies/sweep/store/stored_report.h"
#include "studies/sweep/table/pareto.h"
#include "studies/sweep/table/unmoved.h"

namespace capcam {

std::vector<Objective> stored_objectives(ResultStore& store) {
  const std::optional<std::string> text = store.text("objectives");
  if (!text) return default_objectives();
  const auto read = read_json(*text);
  std::vector<std::string> objectives;
  if (const auto* list = std::get_if<nlohmann::ordered_json>(&read); list != nullptr && list->is_array()) {
    for (const auto& one : *list) objectives.push_back(one.is_string() ? one.get<std::string>() : "");
  }
  if (objectives.empty())
    throw InputError((store.folder() / "results.sqlite").string() + ": damaged: its objectives are no list of texts");
  return read_objectives(objectives);
}

std::vector<bool> front_of(ResultStore& store, const std::vector<Objective>& objectives) {
  std::vector<ObjectiveFigures> points;
  store.for_each([&](const StoredPoint& point) {
    ObjectiveFigures& figures = points.emplace_back(objectives.size());
    if (!point.result || !point.result->done) return;
    const auto report = stored_report(store, *point.result);
    for (std::size_t i = 0; i < objectives.size(); ++i) {
      const nlohmann::ordered_json* figure = find_figure(report, objectives[i].figure);
      if (figure != nullptr && figure->is_number()) figures[i] = figure->get<double>();
    }
  });
  return pareto_front(objectives, points);
}

void mark_front(ResultStore& store) {
  const std::vector<Objective> objectives = stored_objectives(store);
  store.set_front(front_of(store, objectives));
  auto sentences = nlohmann::ordered_json::array();
  for (const Unmoved& one : unmoved_objectives(store, columns_of(store), objectives))
    sentences.push_back(sentence_of(one));
  store.set_text("unmoved", sentences.dump());
}

}  // namespace capcam
