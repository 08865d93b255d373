// SPDX-License-Identifier: Apache-2.0
#include "studies/sweep/table/export.h"

#include <fmt/format.h>

#include <ostream>

#include "report/figures.h"
#include "studies/sweep/store/stored_report.h"
#include "studies/sweep/table/front.h"
#include "studies/sweep/table/unmoved.h"

namespace capcam {
namespace {

// A text stands in quotes, whatever it is: NA, 007 and =1+2 are no missing value, no number and no formula.
std::string quoted(const std::string& text) {
  if (text.empty()) return text;
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"') result += '"';
    result += c;
  }
  return result + '"';
}

std::string name_of_column(const std::string& name) {
  return name.find_first_of(",\"\n\r") == std::string::npos ? name : quoted(name);
}

std::string cell(const nlohmann::ordered_json* value) {
  if (value == nullptr || value->is_null()) return "";
  if (value->is_string()) return quoted(value->get<std::string>());
  return value->is_primitive() ? value->dump() : "";
}

}  // namespace

void write_csv(ResultStore& store, const SweepColumns& columns, const std::vector<Objective>& objectives,
               std::ostream& out) {
  for (const std::string& key : columns.varying) out << name_of_column(key) << ',';
  for (const std::string& name : columns.figures) out << name_of_column(name) << ',';
  out << "pareto,unmoved,status,error,key\n";
  std::string unmoved;
  for (const Unmoved& one : unmoved_objectives(store, columns, objectives))
    unmoved += (unmoved.empty() ? "" : "; ") + sentence_of(one);
  const std::vector<bool> on_front = front_of(store, objectives);
  std::size_t position = 0;
  store.for_each([&](const StoredPoint& point) {
    const bool front = on_front[position++];
    if (!point.result) return;
    const StoredResult& result = *point.result;
    const auto report = stored_report(store, result);
    for (const std::string& key : columns.varying) out << cell(find_figure(report, "config." + key)) << ',';
    for (const std::string& name : columns.figures) out << cell(find_figure(report, name)) << ',';
    out << (front ? 1 : 0) << ',' << quoted(unmoved) << ',' << (result.done ? "done" : "failed") << ','
        << quoted(result.error) << ',' << name_of_column(result.key) << '\n';
  });
}

}  // namespace capcam
