// SPDX-License-Identifier: Apache-2.0
#include "cost/cost.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>

#include "core/error.h"

namespace capcam {
namespace {

std::uint64_t instances_of(InstanceRule rule, const Config& config) {
  const std::uint64_t cores = config.accelerator.cores;
  const std::uint64_t arrays = cores * config.array.count;
  switch (rule) {
    case InstanceRule::per_core:
      return cores;
    case InstanceRule::per_query:
      return cores * config.array.queries_per_program;
    case InstanceRule::per_array:
      return arrays;
    case InstanceRule::per_converter:
      return arrays * ((std::uint64_t{config.array.rows} + config.sensing.rows_per_converter - 1) /
                       config.sensing.rows_per_converter);
    case InstanceRule::per_lane:
      return cores * config.value.lanes;
  }
  throw LawBroken("instances_of: unknown rule");
}

// Size of one instance relative to the card's.
double size_factor(const Card& card, const Config& config) {
  if (card.cell_array.rows == 0) return 1.0;
  return (double{1} * config.array.rows * config.array.columns) /
         (double{1} * card.cell_array.rows * card.cell_array.columns);
}

ActionCost action_cost(const Action& action, double energy_per_action_pj) {
  return {action.name, action.unit, action.count, energy_per_action_pj,
          static_cast<double>(action.count) * energy_per_action_pj};
}

ComponentCost component_cost(const Card& card, const std::vector<Action>& actions, const Config& config) {
  ComponentCost cost;
  cost.name = card.component;
  cost.provenance = card.provenance;
  cost.normalized_to_nm = card.normalized.to_nm;
  cost.instances = instances_of(card.instances, config);
  const double size = size_factor(card, config);
  cost.area_um2 = static_cast<double>(cost.instances) * (card.area_um2 * size * card.normalized.area_factor);
  for (const Action& action : actions) {
    const auto cycles = card.cycles.by_action.find(action.name);
    if (action.component != card.component || cycles == card.cycles.by_action.end() || std::isnan(cycles->second)) {
      continue;
    }
    // mW x 1 ns = pJ
    const double energy_pj = card.power_mw * size * cycles->second * card.normalized.energy_factor();
    cost.actions.push_back(action_cost(action, energy_pj));
    cost.energy_pj += cost.actions.back().energy_pj;
  }
  return cost;
}

ComponentCost dram_cost(const DramCard& card, const std::vector<Action>& actions) {
  ComponentCost cost;
  cost.name = "dram";
  cost.provenance = card.provenance;
  cost.instances = 1;
  for (const Action& action : actions) {
    if (action.component != "dram" || (action.name != "value_bytes" && action.name != "key_bytes")) continue;
    cost.actions.push_back(action_cost(action, card.pj_per_byte()));
    cost.energy_pj += cost.actions.back().energy_pj;
  }
  return cost;
}

void note_differences(const std::string& who, const DesignPoint& designed_for, const Config& config,
                      const TraceShape* shape, std::vector<std::string>& notes) {
  const std::vector<std::string> texts = differences(designed_for, config, shape);
  if (texts.empty()) return;
  notes.push_back(
      fmt::format("{} describes another design ({}); its numbers are used unscaled", who, fmt::join(texts, ", ")));
}

struct Sums {
  double on_chip_pj = 0.0;
  double area_um2 = 0.0;
};

Sums sums_of(const Cost& cost) {
  Sums sums;
  for (const ComponentCost& component : cost.components) {
    sums.on_chip_pj += component.energy_pj;
    sums.area_um2 += component.area_um2;
  }
  sums.on_chip_pj += cost.leakage_pj;
  return sums;
}

}  // namespace

Cost price(const RunStats& stats, const Config& config, const CardLibrary& library, const TraceShape* shape) {
  if (const std::vector<std::string> problems = pricing_problems(library); !problems.empty()) {
    throw LawBroken(fmt::format("price: {}", fmt::join(problems, "; ")));
  }
  const std::vector<Action> actions = list_actions(stats.counts);
  Cost cost;
  cost.library = library.name;
  cost.leakage_note = library.leakage;
  note_differences("library " + library.name, library.designed_for, config, shape, cost.notes);
  for (const Card& card : library.cards) {
    cost.components.push_back(component_cost(card, actions, config));
    note_differences("card " + card.provenance.card, card.designed_for, config, shape, cost.notes);
  }
  cost.dram = dram_cost(library.dram, actions);
  cost.dram_pj_per_bit = library.dram.pj_per_byte() / 8.0;
  const Sums sums = sums_of(cost);
  cost.area_um2 = sums.area_um2;
  cost.on_chip_pj = sums.on_chip_pj;
  cost.dram_pj = cost.dram.energy_pj;
  cost.total_pj = cost.on_chip_pj + cost.dram_pj;
  return cost;
}

void check_cost(const Cost& cost) {
  std::vector<std::string> problems;
  const auto must_equal = [&](const std::string& what, double given, double sum) {
    if (!(given == sum)) problems.push_back(fmt::format("{} is {}, but its parts sum to {}", what, given, sum));
  };
  const auto check_component = [&](const ComponentCost& component) {
    double sum = 0.0;
    for (const ActionCost& action : component.actions) {
      must_equal(component.name + "." + action.name + " energy", action.energy_pj,
                 static_cast<double>(action.count) * action.energy_per_action_pj);
      sum += action.energy_pj;
    }
    must_equal(component.name + " energy", component.energy_pj, sum);
  };
  for (const ComponentCost& component : cost.components) check_component(component);
  check_component(cost.dram);
  const Sums sums = sums_of(cost);
  must_equal("on-chip energy", cost.on_chip_pj, sums.on_chip_pj);
  must_equal("dram energy", cost.dram_pj, cost.dram.energy_pj);
  must_equal("total energy", cost.total_pj, cost.on_chip_pj + cost.dram_pj);
  must_equal("area", cost.area_um2, sums.area_um2);
  if (!problems.empty()) throw LawBroken(fmt::format("cost: {}", fmt::join(problems, "; ")));
}

}  // namespace capcam
