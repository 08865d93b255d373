// SPDX-License-Identifier: Apache-2.0
#include "studies/sweep/table/unmoved.h"

#include <utility>

#include "report/figures.h"
#include "studies/sweep/store/stored_report.h"

namespace capcam {

std::vector<Unmoved> unmoved_objectives(ResultStore& store, const SweepColumns& columns,
                                        const std::vector<Objective>& objectives) {
  std::vector<std::string> keys = columns.varying, figures;
  if (columns.several_traces) keys.emplace_back("trace");
  for (const Objective& objective : objectives) figures.push_back(objective.figure);
  Responses responses(keys, figures);
  store.for_each([&](const StoredPoint& point) {
    if (!point.result || !point.result->done) return;
    const auto report = stored_report(store, *point.result);
    std::vector<std::string> values;
    for (const std::string& key : columns.varying) {
      const nlohmann::ordered_json* value = find_figure(report, "config." + key);
      values.push_back(value == nullptr ? "" : value->dump());
    }
    if (columns.several_traces) values.push_back(report["trace"]["sha256"].dump());
    std::vector<std::optional<double>> numbers(objectives.size());
    for (std::size_t i = 0; i < objectives.size(); ++i) {
      const nlohmann::ordered_json* figure = find_figure(report, objectives[i].figure);
      if (figure != nullptr && figure->is_number()) numbers[i] = figure->get<double>();
    }
    responses.add(std::move(values), std::move(numbers));
  });
  return responses.unmoved();
}

}  // namespace capcam
