// SPDX-License-Identifier: Apache-2.0
#include "cost/module_prices.h"

#include <cmath>

#include "capcam/error.h"

namespace capcam {

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

namespace {

// Returns the size of one instance relative to the one on the card.
double size_factor(const Card& card, const Config& config) {
  if (card.cell_array.rows == 0) return 1.0;
  return (double{1} * config.array.rows * config.array.columns) /
         (double{1} * card.cell_array.rows * card.cell_array.columns);
}

}  // namespace

ComponentPrice module_price(const Card& card, const Config& config) {
  ComponentPrice price;
  price.name = card.component;
  price.cards = {card.provenance};
  if (card.normalized.to_nm > 0.0) price.normalized_to_nm = card.normalized.to_nm;
  price.instances = instances_of(card.instances, config);
  const double size = size_factor(card, config);
  price.area_um2 =
      Figure::exactly(static_cast<double>(price.instances) * (card.area_um2 * size * card.normalized.area_factor));
  for (const Action& action : list_actions({})) {
    const auto cycles = card.cycles.by_action.find(action.name);
    if (action.component != card.component || cycles == card.cycles.by_action.end() || std::isnan(cycles->second)) {
      continue;
    }
    // mW x 1 ns = pJ
    const double energy_pj = card.power_mw * size * cycles->second * card.normalized.energy_factor();
    price.actions.push_back({action.name, Figure::exactly(energy_pj)});
  }
  return price;
}

}  // namespace capcam
