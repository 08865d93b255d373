// SPDX-License-Identifier: Apache-2.0
#include "report/cost_json.h"

#include <utility>

#include "report/provenance.h"

namespace capcam {
namespace {

using Json = nlohmann::ordered_json;

using End = double Figure::*;

// Writes the value, or one end of the interval, of every energy.
Json energies_json(const Cost& cost, End end) {
  Json components = Json::object();
  for (const ComponentCost& component : cost.components) components[component.name] = component.energy_pj.*end;
  components[cost.dram.name] = cost.dram.energy_pj.*end;
  return {{"total", cost.total_pj.*end},
          {"on_chip", cost.on_chip_pj.*end},
          {"dram", cost.dram_pj.*end},
          {"leakage", cost.leakage_pj.*end},
          {"components", std::move(components)}};
}

Json areas_json(const Cost& cost, End end) {
  Json components = Json::object();
  for (const ComponentCost& component : cost.components) components[component.name] = component.area_um2.*end;
  return {{"total", cost.area_um2.*end}, {"components", std::move(components)}};
}

}  // namespace

Json energy_to_json(const Cost& cost, std::optional<double> pj_per_head_query) {
  Json values = energies_json(cost, &Figure::value);
  return {{"total", values["total"]},
          {"on_chip", values["on_chip"]},
          {"dram", values["dram"]},
          {"leakage", values["leakage"]},
          {"per_head_query", pj_per_head_query ? Json(*pj_per_head_query) : Json(nullptr)},
          {"components", values["components"]},
          {"low", energies_json(cost, &Figure::low)},
          {"high", energies_json(cost, &Figure::high)}};
}

Json area_to_json(const Cost& cost) {
  Json json = areas_json(cost, &Figure::value);
  json["low"] = areas_json(cost, &Figure::low);
  json["high"] = areas_json(cost, &Figure::high);
  return json;
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
