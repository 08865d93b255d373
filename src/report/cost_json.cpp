// SPDX-License-Identifier: Apache-2.0
#include "report/cost_json.h"

#include <utility>

#include "report/provenance.h"

namespace capcam {
namespace {

using Json = nlohmann::ordered_json;

// One end of every energy's interval.
Json energy_end_json(const Cost& cost, double Interval::*end) {
  Json components = Json::object();
  for (const ComponentCost& component : cost.components) components[component.name] = component.energy_interval_pj.*end;
  components[cost.dram.name] = cost.dram.energy_interval_pj.*end;
  return {{"total", cost.total_interval_pj.*end},
          {"on_chip", cost.on_chip_interval_pj.*end},
          {"dram", cost.dram_interval_pj.*end},
          {"leakage", cost.leakage_interval_pj.*end},
          {"components", std::move(components)}};
}

Json area_end_json(const Cost& cost, double Interval::*end) {
  Json components = Json::object();
  for (const ComponentCost& component : cost.components) components[component.name] = component.area_interval_um2.*end;
  return {{"total", cost.area_interval_um2.*end}, {"components", std::move(components)}};
}

}  // namespace

Json energy_to_json(const Cost& cost, std::optional<double> pj_per_head_query) {
  Json components = Json::object();
  for (const ComponentCost& component : cost.components) components[component.name] = component.energy_pj;
  components[cost.dram.name] = cost.dram.energy_pj;
  return {{"total", cost.total_pj},
          {"on_chip", cost.on_chip_pj},
          {"dram", cost.dram_pj},
          {"leakage", cost.leakage_pj},
          {"per_head_query", pj_per_head_query ? Json(*pj_per_head_query) : Json(nullptr)},
          {"components", std::move(components)},
          {"low", energy_end_json(cost, &Interval::low)},
          {"high", energy_end_json(cost, &Interval::high)}};
}

Json area_to_json(const Cost& cost) {
  Json components = Json::object();
  for (const ComponentCost& component : cost.components) components[component.name] = component.area_um2;
  return {{"total", cost.area_um2},
          {"components", std::move(components)},
          {"low", area_end_json(cost, &Interval::low)},
          {"high", area_end_json(cost, &Interval::high)}};
}

Json cards_to_json(const Cost& cost) {
  Json cards = Json::array();
  const auto add = [&](const ComponentCost& component) {
    for (const Provenance& card : component.cards) cards.push_back(card_to_json(component, card));
  };
  for (const ComponentCost& component : cost.components) add(component);
  add(cost.dram);
  return cards;
}

}  // namespace capcam
