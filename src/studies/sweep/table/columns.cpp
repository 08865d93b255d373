// SPDX-License-Identifier: Apache-2.0
#include "studies/sweep/table/columns.h"

#include <map>
#include <set>
#include <unordered_set>

#include "report/figures.h"
#include "studies/sweep/store/stored_report.h"

namespace capcam {

SweepColumns columns_of(ResultStore& store) {
  SweepColumns columns;
  std::vector<std::string> keys;
  std::map<std::string, nlohmann::ordered_json> first;
  std::unordered_set<std::string> varying, seen;
  std::set<std::string> traces;
  store.for_each([&](const StoredPoint& point) {
    if (!point.result) {
      ++columns.missing;
      return;
    }
    const auto report = stored_report(store, *point.result);
    traces.insert(report["trace"]["sha256"].get<std::string>());
    for (const auto& [key, value] : flat_figures(report["config"])) {
      const auto [known, is_new] = first.try_emplace(key, value);
      if (is_new) keys.push_back(key);
      if (known->second != value) varying.insert(key);
    }
    if (!point.result->done) return;
    for (const auto& [name, value] : flat_figures(report)) {
      if (name.starts_with("config.") || name == "schema") continue;
      if (seen.insert(name).second) columns.figures.push_back(name);
    }
  });
  for (const std::string& key : keys) {
    if (varying.contains(key)) columns.varying.push_back(key);
  }
  columns.several_traces = traces.size() > 1;
  return columns;
}

}  // namespace capcam
