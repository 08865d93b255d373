// SPDX-License-Identifier: Apache-2.0
#include "studies/sweep/table/export.h"

#include <fmt/format.h>

#include <ostream>

#include "report/figures.h"
#include "studies/sweep/table/front.h"

namespace capcam {
namespace {

std::string quoted(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"') result += '"';
    result += c;
  }
  return result + '"';
}

std::string cell(const nlohmann::ordered_json* value) {
  if (value == nullptr || value->is_null()) return "";
  return value->is_string() ? quoted(value->get<std::string>()) : value->dump();
}

}  // namespace

void write_csv(ResultStore& store, const SweepColumns& columns, const std::vector<Objective>& objectives,
               std::ostream& out) {
  for (const std::string& key : columns.varying) out << quoted(key) << ',';
  for (const std::string& name : columns.figures) out << quoted(name) << ',';
  out << "pareto,status,error,key\n";
  const std::vector<bool> on_front = front_of(store, objectives);
  std::size_t position = 0;
  store.for_each([&](const StoredPoint& point) {
    const bool front = on_front[position++];
    if (!point.result) return;
    const StoredResult& result = *point.result;
    const auto report = nlohmann::ordered_json::parse(result.report);
    for (const std::string& key : columns.varying) out << cell(find_figure(report, "config." + key)) << ',';
    for (const std::string& name : columns.figures) out << cell(find_figure(report, name)) << ',';
    out << (front ? 1 : 0) << ',' << (result.done ? "done" : "failed") << ',' << quoted(result.error) << ','
        << result.key << '\n';
  });
}

}  // namespace capcam
