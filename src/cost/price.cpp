// SPDX-License-Identifier: Apache-2.0
#include "cost/price.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "capcam/error.h"

namespace capcam {
namespace {

ComponentCost component_cost(const ComponentPrice& price, const std::vector<Action>& actions) {
  ComponentCost cost;
  cost.name = price.name;
  cost.cards = price.cards;
  cost.normalized_to_nm = price.normalized_to_nm;
  cost.instances = price.instances;
  cost.area_um2 = price.area_um2;
  cost.leakage_mw = price.leakage_mw;
  for (const ComponentPrice::Action& priced : price.actions) {
    const auto action = std::find_if(actions.begin(), actions.end(), [&](const Action& candidate) {
      return candidate.component == price.name && candidate.name == priced.name;
    });
    if (action == actions.end()) throw LawBroken(fmt::format("price: no action {}.{}", price.name, priced.name));
    const auto count = static_cast<double>(action->count);
    cost.actions.push_back({action->name, action->unit, action->count, priced.energy_pj, count * priced.energy_pj});
    cost.energy_pj += cost.actions.back().energy_pj;
  }
  return cost;
}

// The energy of an overhead is one action, its share of what it serves.
ComponentCost overhead_cost(const ComponentPrice& price, const std::vector<ComponentCost>& components) {
  Figure served_pj;
  for (const ComponentCost& component : components) {
    if (price.of.empty() || std::find(price.of.begin(), price.of.end(), component.name) != price.of.end())
      served_pj += component.energy_pj;
  }
  ComponentCost cost;
  cost.name = price.name;
  cost.cards = price.cards;
  cost.instances = price.instances;
  cost.area_um2 = price.area_um2;
  cost.leakage_mw = price.leakage_mw;
  cost.energy_pj = price.energy_share * served_pj;
  cost.actions.push_back({"beside", "runs", 1, cost.energy_pj, cost.energy_pj});
  return cost;
}

struct Sums {
  Figure on_chip_pj, area_um2, leakage_mw;
};

Sums sums_of(const Cost& cost) {
  Sums sums;
  for (const ComponentCost& component : cost.components) {
    sums.on_chip_pj += component.energy_pj;
    sums.area_um2 += component.area_um2;
    sums.leakage_mw += component.leakage_mw;
  }
  sums.on_chip_pj += cost.leakage_pj;
  return sums;
}

// Returns the counts that are paid for (cost.loads). Keys that do not fit the key SRAM are never loaded out of sight.
ActionCounts paid_counts(const RunStats& stats, const Config& config, const TraceShape* shape) {
  ActionCounts counts = stats.counts;
  const bool fit =
      shape == nullptr || (shape->keys * shape->head_dim + 7) / 8 <= std::uint64_t{config.memory.key_sram_kib} * 1024;
  if (config.cost.loads == LoadAccounting::published && config.memory.key_load == HeadLoad::hidden && fit)
    counts.key_sram_write = counts.dram_key_bytes = 0;
  return counts;
}

}  // namespace

Cost price(const RunStats& stats, const Config& config, const CardLibrary& library, const TraceShape* shape) {
  return add_up(machine_prices(config, library, shape), list_actions(paid_counts(stats, config, shape)), library,
                static_cast<double>(stats.cycles) / config.clock.frequency_ghz);
}

Cost add_up(const MachinePrices& prices, const std::vector<Action>& actions, const CardLibrary& library,
            double time_ns) {
  Cost cost;
  cost.library = library.name;
  cost.leakage_note = library.leakage;
  cost.notes = prices.notes;
  for (const ComponentPrice& component : prices.components)
    cost.components.push_back(component_cost(component, actions));
  const std::vector<ComponentCost> served = cost.components;
  for (const ComponentPrice& overhead : prices.overheads) cost.components.push_back(overhead_cost(overhead, served));
  cost.dram = component_cost(prices.dram, actions);
  cost.dram_pj_per_bit = library.dram.pj_per_byte() / 8.0;
  Sums sums = sums_of(cost);
  cost.leakage_mw = sums.leakage_mw;
  cost.leakage_pj = time_ns * sums.leakage_mw;  // mW x ns = pJ
  sums = sums_of(cost);
  cost.area_um2 = sums.area_um2;
  cost.on_chip_pj = sums.on_chip_pj;
  cost.dram_pj = cost.dram.energy_pj;
  cost.total_pj = cost.on_chip_pj + cost.dram_pj;
  return cost;
}

void check_cost(const Cost& cost) {
  std::vector<std::string> problems;
  const auto must_equal = [&](const std::string& what, const Figure& given, const Figure& sum) {
    if (!(given == sum))
      problems.push_back(fmt::format("{} is {} ({} to {}), but its parts sum to {} ({} to {})", what, given.value,
                                     given.low, given.high, sum.value, sum.low, sum.high));
    constexpr double rounding = 1e-12;  // the three sums have the same terms
    if (given.low > given.value * (1.0 + rounding) || given.high < given.value * (1.0 - rounding))
      problems.push_back(fmt::format("{} is {}, outside {} to {}", what, given.value, given.low, given.high));
  };
  const auto check_component = [&](const ComponentCost& component) {
    Figure sum;
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
  must_equal("area", cost.area_um2, sums.area_um2);
  must_equal("dram energy", cost.dram_pj, cost.dram.energy_pj);
  must_equal("total energy", cost.total_pj, cost.on_chip_pj + cost.dram_pj);
  if (!problems.empty()) throw LawBroken(fmt::format("cost: {}", fmt::join(problems, "; ")));
}

}  // namespace capcam
