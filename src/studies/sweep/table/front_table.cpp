// SPDX-License-Identifier: Apache-2.0
#include "studies/sweep/table/front_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "core/printable.h"
#include "report/figures.h"
#include "report/table.h"
#include "studies/sweep/store/stored_report.h"
#include "studies/sweep/table/columns.h"
#include "studies/sweep/table/front.h"
#include "studies/sweep/table/unmoved.h"

namespace capcam {
namespace {

struct Row {
  double first = 0.0;  // the first objective as a cost
  std::vector<std::string> cells;
};

std::string cell_of(const nlohmann::ordered_json* value) {
  if (value == nullptr || value->is_null()) return "-";
  if (value->is_string()) return printable(value->get<std::string>());
  return value->is_number_float() ? fmt::format("{:.6g}", value->get<double>()) : value->dump();
}

// A point without a value in one objective cannot be on the front.
std::string why_empty(const std::vector<Objective>& objectives, const std::vector<std::uint64_t>& with_figure,
                      std::uint64_t done) {
  if (done == 0) return "  no point is done\n";
  std::string text;
  for (std::size_t i = 0; i < objectives.size(); ++i) {
    if (with_figure[i] == done) continue;
    const bool accuracy = objectives[i].figure.starts_with("accuracy.");
    text += fmt::format("  {} has a value in {} of {} points{}\n", objectives[i].figure, with_figure[i], done,
                        accuracy ? ": with accuracy = 0 it is not measured; give other objectives" : "");
  }
  return text;
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
  std::vector<std::uint64_t> with_figure(objectives.size());  // points
  store.for_each([&](const StoredPoint& point) {
    done += point.result && point.result->done ? 1 : 0;
    if (!point.result || !point.result->done) return;
    const auto report = stored_report(store, *point.result);
    for (std::size_t i = 0; i < objectives.size(); ++i) {
      const nlohmann::ordered_json* figure = find_figure(report, objectives[i].figure);
      with_figure[i] += figure != nullptr && figure->is_number() ? 1 : 0;
    }
    if (!point.on_front) return;
    Row row;
    if (columns.several_traces)
      row.cells.push_back(printable(std::filesystem::path(report["trace"]["path"].get<std::string>()).stem().string()));
    for (const std::string& key : columns.varying) row.cells.push_back(cell_of(find_figure(report, "config." + key)));
    for (const Objective& objective : objectives) row.cells.push_back(cell_of(find_figure(report, objective.figure)));
    const nlohmann::ordered_json* figure = find_figure(report, objectives.front().figure);
    const double first = figure != nullptr && figure->is_number() ? figure->get<double>() : 0.0;
    row.first = objectives.front().smaller_is_better ? first : -first;
    rows.push_back(std::move(row));
  });
  std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.first < b.first; });

  std::string text = fmt::format("\nPareto front: {} of {} points that no other beats\n", rows.size(), done);
  if (rows.empty()) return text + why_empty(objectives, with_figure, done);
  TextTable table(std::move(titles));
  for (std::size_t i = 0; i < std::min(limit, rows.size()); ++i) table.row(std::move(rows[i].cells));
  text += table.text();
  if (rows.size() > limit) text += fmt::format("  and {} more: capcam export\n", rows.size() - limit);
  for (const Unmoved& one : unmoved_objectives(store, columns, objectives)) text += sentence_of(one) + '\n';
  return text;
}

}  // namespace capcam
