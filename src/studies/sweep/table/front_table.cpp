// SPDX-License-Identifier: Apache-2.0
#include "studies/sweep/table/front_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "report/figures.h"
#include "report/table.h"
#include "studies/sweep/table/columns.h"
#include "studies/sweep/table/front.h"
#include "core/printable.h"

namespace capcam {
namespace {

struct Row {
  double first = 0.0;  // the first objective as a cost
  std::vector<std::string> cells;
};

std::string cell(const nlohmann::ordered_json* value) {
  if (value == nullptr || value->is_null()) return "-";
  if (value->is_string()) return printable(value->get<std::string>());
  return value->is_number_float() ? fmt::format("{:.6g}", value->get<double>()) : value->dump();
}

}  // namespace

std::string front_table(ResultStore& store, std::size_t limit) {
  const std::vector<Objective> objectives = stored_objectives(store);
  const SweepColumns columns = columns_of(store);
  std::vector<TextTable::Column> titles;
  if (columns.several_traces) titles.push_back({"trace", Align::left});
  for (const std::string& key : columns.varying) titles.push_back({key, Align::right});
  for (const Objective& objective : objectives) titles.push_back({objective.text(), Align::right});

  std::vector<Row> rows;
  std::uint64_t done = 0;
  store.for_each([&](const StoredPoint& point) {
    done += point.result && point.result->done ? 1 : 0;
    if (!point.on_front) return;
    const auto report = nlohmann::ordered_json::parse(point.result->report);
    Row row;
    if (columns.several_traces)
      row.cells.push_back(printable(std::filesystem::path(report["trace"]["path"].get<std::string>()).stem().string()));
    for (const std::string& key : columns.varying) row.cells.push_back(cell(find_figure(report, "config." + key)));
    for (const Objective& objective : objectives) row.cells.push_back(cell(find_figure(report, objective.figure)));
    const double first = find_figure(report, objectives.front().figure)->get<double>();
    row.first = objectives.front().smaller_is_better ? first : -first;
    rows.push_back(std::move(row));
  });
  std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.first < b.first; });

  std::string text = fmt::format("\nPareto front: {} of {} points that no other beats\n", rows.size(), done);
  if (rows.empty()) return text;
  TextTable table(std::move(titles));
  for (std::size_t i = 0; i < std::min(limit, rows.size()); ++i) table.row(std::move(rows[i].cells));
  text += table.text();
  if (rows.size() > limit) text += fmt::format("  and {} more: capcam export\n", rows.size() - limit);
  return text;
}

}  // namespace capcam
