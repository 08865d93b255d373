// SPDX-License-Identifier: Apache-2.0
#include "studies/sweep/points/first_look.h"

#include <algorithm>
#include <map>
#include <utility>

#include "capcam/error.h"
#include "config/writer.h"
#include "report/figures.h"
#include "report/make_report.h"
#include "studies/sweep/points/point_run.h"
#include "studies/sweep/table/responses.h"

namespace capcam {
namespace {

constexpr std::size_t points_looked_through = 4096;

using Keys = std::vector<std::string>;

// The keys in which a point differs from the first.
Keys differing(const Figures& first, const Figures& other) {
  Keys keys;
  for (std::size_t i = 0; i < std::min(first.size(), other.size()); ++i) {
    if (first[i] != other[i]) keys.push_back(first[i].first);
  }
  std::sort(keys.begin(), keys.end());
  return keys;
}

// Of each least set of keys, the last point that differs from the first in them alone.
std::map<Keys, std::size_t> neighbours(const SweepPlan& plan) {
  std::map<Keys, std::size_t> all, least;
  const Figures first = flat_figures(config_to_json(plan.points.front().config));
  for (std::size_t i = 1; i < std::min(plan.points.size(), points_looked_through); ++i) {
    if (plan.points[i].trace != plan.points.front().trace) break;
    all[differing(first, flat_figures(config_to_json(plan.points[i].config)))] = i;
  }
  for (const auto& one : all) {
    const Keys& keys = one.first;
    const bool has_less = std::any_of(all.begin(), all.end(), [&](const auto& other) {
      return other.first.size() < keys.size() &&
             std::includes(keys.begin(), keys.end(), other.first.begin(), other.first.end());
    });
    if (!has_less) least[keys] = one.second;
  }
  return least;
}

}  // namespace

void refuse_unmoved_objectives(const SweepPlan& plan, const SweepTraces& traces,
                               const std::vector<Objective>& objectives, const std::function<bool()>& stop_requested) {
  std::vector<std::string> figures, keys;
  for (const Objective& objective : objectives) figures.push_back(objective.figure);
  const std::map<Keys, std::size_t> near = neighbours(plan);
  for (const auto& [some, i] : near) keys.insert(keys.end(), some.begin(), some.end());
  if (near.empty()) return;

  PointRunner runner(traces, 0.0, stop_requested);
  Responses responses(keys, figures);
  std::vector<std::size_t> chosen{0};
  for (const auto& [some, i] : near) chosen.push_back(i);
  for (const std::size_t i : chosen) {
    try {
      const auto report = report_to_json(runner.run(plan.points[i]));
      std::vector<std::string> values;
      for (const std::string& key : keys) values.push_back(find_figure(report, "config." + key)->dump());
      std::vector<std::optional<double>> numbers;
      for (const std::string& figure : figures) {
        const nlohmann::ordered_json* value = find_figure(report, figure);
        numbers.push_back(value != nullptr && value->is_number() ? std::optional(value->get<double>()) : std::nullopt);
      }
      responses.add(std::move(values), std::move(numbers));
    } catch (const InputError&) {
      return;  // a point that cannot be simulated is told when its turn comes
    }
  }
  std::vector<std::string> problems;
  for (const Unmoved& one : responses.unmoved()) {
    if (!one.by_all) continue;
    const bool of_the_table = plan.points.front().config.cost.library == "camformer45" &&
                              (one.figure.starts_with("energy_pj") || one.figure.starts_with("area_um2") ||
                               one.figure.starts_with("power_mw"));
    problems.push_back(sentence_of(one) +
                       (of_the_table ? ": library camformer45 has published prices; cost.library = \"physical\" "
                                       "prices what varies"
                                     : ""));
  }
  if (problems.empty()) return;
  problems.emplace_back("give other objectives, or --force to keep these");
  throw InputError("an objective that no key of the sweep moves tells no point from another", problems);
}

}  // namespace capcam
