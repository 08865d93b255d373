// SPDX-License-Identifier: Apache-2.0
#include "cost/price.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "capcam/error.h"

namespace capcam {
namespace {

Interval interval(const Figure& figure) { return {figure.low, figure.high}; }
Interval operator*(double factor, const Interval& interval) { return {factor * interval.low, factor * interval.high}; }

ComponentCost component_cost(const ComponentPrice& price, const std::vector<Action>& actions) {
  ComponentCost cost;
  cost.name = price.name;
  cost.cards = price.cards;
  cost.normalized_to_nm = price.normalized_to_nm;
  cost.instances = price.instances;
  cost.area_um2 = price.area_um2.value;
  cost.area_interval_um2 = interval(price.area_um2);
  cost.leakage_mw = price.leakage_mw.value;
  cost.leakage_interval_mw = interval(price.leakage_mw);
  for (const ComponentPrice::Action& priced : price.actions) {
    const auto action = std::find_if(actions.begin(), actions.end(), [&](const Action& candidate) {
      return candidate.component == price.name && candidate.name == priced.name;
    });
    if (action == actions.end()) throw LawBroken(fmt::format("price: no action {}.{}", price.name, priced.name));
    const auto count = static_cast<double>(action->count);
    const Interval each = interval(priced.energy_pj);
    cost.actions.push_back({action->name, action->unit, action->count, priced.energy_pj.value,
                            count * priced.energy_pj.value, each, count * each});
    cost.energy_pj += cost.actions.back().energy_pj;
    cost.energy_interval_pj += cost.actions.back().energy_interval_pj;
  }
  return cost;
}

struct Sums {
  double on_chip_pj = 0.0;
  double area_um2 = 0.0;
  double leakage_mw = 0.0;
  Interval on_chip_interval_pj, area_interval_um2, leakage_interval_mw;
};

Sums sums_of(const Cost& cost) {
  Sums sums;
  for (const ComponentCost& component : cost.components) {
    sums.on_chip_pj += component.energy_pj;
    sums.area_um2 += component.area_um2;
    sums.leakage_mw += component.leakage_mw;
    sums.on_chip_interval_pj += component.energy_interval_pj;
    sums.area_interval_um2 += component.area_interval_um2;
    sums.leakage_interval_mw += component.leakage_interval_mw;
  }
  sums.on_chip_pj += cost.leakage_pj;
  sums.on_chip_interval_pj += cost.leakage_interval_pj;
  return sums;
}

}  // namespace

Cost price(const RunStats& stats, const Config& config, const CardLibrary& library, const TraceShape* shape) {
  return add_up(machine_prices(config, library, shape), list_actions(stats.counts), library,
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
  cost.dram = component_cost(prices.dram, actions);
  cost.dram_pj_per_bit = library.dram.pj_per_byte() / 8.0;
  Sums sums = sums_of(cost);
  cost.leakage_mw = sums.leakage_mw;
  cost.leakage_interval_mw = sums.leakage_interval_mw;
  cost.leakage_pj = time_ns * sums.leakage_mw;  // mW x ns = pJ
  cost.leakage_interval_pj = time_ns * sums.leakage_interval_mw;
  sums = sums_of(cost);
  cost.area_um2 = sums.area_um2;
  cost.area_interval_um2 = sums.area_interval_um2;
  cost.on_chip_pj = sums.on_chip_pj;
  cost.on_chip_interval_pj = sums.on_chip_interval_pj;
  cost.dram_pj = cost.dram.energy_pj;
  cost.dram_interval_pj = cost.dram.energy_interval_pj;
  cost.total_pj = cost.on_chip_pj + cost.dram_pj;
  cost.total_interval_pj = cost.on_chip_interval_pj;
  cost.total_interval_pj += cost.dram_interval_pj;
  return cost;
}

void check_cost(const Cost& cost) {
  std::vector<std::string> problems;
  const auto must_equal = [&](const std::string& what, double given, double sum) {
    if (!(given == sum)) problems.push_back(fmt::format("{} is {}, but its parts sum to {}", what, given, sum));
  };
  const auto must_hold = [&](const std::string& what, const Interval& given, const Interval& sum, double value) {
    must_equal(what + ", low,", given.low, sum.low);
    must_equal(what + ", high,", given.high, sum.high);
    constexpr double rounding = 1e-12;  // three sums of the same terms
    if (given.low > value * (1.0 + rounding) || given.high < value * (1.0 - rounding))
      problems.push_back(fmt::format("{} is {}, outside {} to {}", what, value, given.low, given.high));
  };
  const auto check_component = [&](const ComponentCost& component) {
    double sum = 0.0;
    Interval interval_sum;
    for (const ActionCost& action : component.actions) {
      must_equal(component.name + "." + action.name + " energy", action.energy_pj,
                 static_cast<double>(action.count) * action.energy_per_action_pj);
      sum += action.energy_pj;
      interval_sum += action.energy_interval_pj;
    }
    must_equal(component.name + " energy", component.energy_pj, sum);
    must_hold(component.name + " energy", component.energy_interval_pj, interval_sum, sum);
  };
  for (const ComponentCost& component : cost.components) check_component(component);
  check_component(cost.dram);
  const Sums sums = sums_of(cost);
  must_equal("on-chip energy", cost.on_chip_pj, sums.on_chip_pj);
  must_hold("on-chip energy", cost.on_chip_interval_pj, sums.on_chip_interval_pj, cost.on_chip_pj);
  must_hold("area", cost.area_interval_um2, sums.area_interval_um2, cost.area_um2);
  Interval total = cost.on_chip_interval_pj;
  must_hold("total energy", cost.total_interval_pj, total += cost.dram_interval_pj, cost.total_pj);
  must_equal("dram energy", cost.dram_pj, cost.dram.energy_pj);
  must_equal("total energy", cost.total_pj, cost.on_chip_pj + cost.dram_pj);
  must_equal("area", cost.area_um2, sums.area_um2);
  if (!problems.empty()) throw LawBroken(fmt::format("cost: {}", fmt::join(problems, "; ")));
}

}  // namespace capcam
