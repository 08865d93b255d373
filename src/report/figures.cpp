// SPDX-License-Identifier: Apache-2.0
#include "report/figures.h"

#include <fmt/format.h>

#include <algorithm>

#include "capcam/report.h"
#include "config/writer.h"
#include "report/make_report.h"

namespace capcam {
namespace {

using Json = nlohmann::ordered_json;

void flatten(const Json& json, const std::string& prefix, Figures& figures) {
  for (const auto& [name, value] : json.items()) {
    const std::string path = prefix.empty() ? name : fmt::format("{}.{}", prefix, name);
    if (value.is_object()) {
      flatten(value, path, figures);
    } else if (!value.is_array()) {
      figures.emplace_back(path, value);
    }
  }
}

}  // namespace

Figures flat_figures(const Json& json) {
  Figures figures;
  flatten(json, "", figures);
  return figures;
}

const Json* find_figure(const Json& json, std::string_view path) {
  if (!json.is_object()) return nullptr;
  if (const auto found = json.find(std::string(path)); found != json.end()) return &*found;
  for (std::size_t dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.', dot + 1)) {
    const auto found = json.find(std::string(path.substr(0, dot)));
    if (found == json.end()) continue;
    if (const Json* figure = find_figure(*found, path.substr(dot + 1))) return figure;
  }
  return nullptr;
}

std::vector<std::string> known_figures() {
  Report report;
  report.accuracy.exact.emplace();
  report.accuracy.ideal.emplace();
  std::vector<std::string> paths;
  for (const auto& [path, value] : flat_figures(report_to_json(report))) paths.push_back(path);
  return paths;
}

bool is_figure(std::string_view path) {
  for (const std::string_view open : {"energy_pj.components.", "area_um2.components.", "cycles.stages.", "workload."}) {
    if (path.starts_with(open)) return true;
  }
  const std::vector<std::string> known = known_figures();
  return std::find(known.begin(), known.end(), path) != known.end();
}

}  // namespace capcam
