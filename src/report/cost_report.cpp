// SPDX-License-Identifier: Apache-2.0
#include "report/cost_report.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "report/provenance.h"
#include "report/table.h"

namespace capcam {
namespace {

// On chip, then the DRAM.
std::vector<const ComponentCost*> all_components(const Cost& cost) {
  std::vector<const ComponentCost*> components;
  for (const ComponentCost& component : cost.components) components.push_back(&component);
  components.push_back(&cost.dram);
  return components;
}

}  // namespace

nlohmann::ordered_json cost_to_json(const Cost& cost, const CardLibrary& library) {
  nlohmann::ordered_json json;
  json["schema"] = "capcam-cost/1";
  json["library"] = cost.library;
  json["area_um2"] = cost.area_um2;
  json["dram_pj_per_bit"] = cost.dram_pj_per_bit;
  nlohmann::ordered_json components = nlohmann::ordered_json::array();
  for (const ComponentCost* component : all_components(cost)) {
    nlohmann::ordered_json one = card_to_json(*component);
    one["area_um2"] = component->area_um2;
    nlohmann::ordered_json actions = nlohmann::ordered_json::object();
    for (const ActionCost& action : component->actions) actions[action.name] = action.energy_per_action_pj;
    one["energy_per_action_pj"] = std::move(actions);
    components.push_back(std::move(one));
  }
  json["components"] = std::move(components);
  json["free"] = library.free;
  json["leakage"] = cost.leakage_note;
  json["warnings"] = cost.notes;
  return json;
}

std::string cost_table(const Cost& cost, const CardLibrary& library) {
  TextTable prices(
      {{"component"}, {"units", Align::right}, {"area um^2", Align::right}, {"action"}, {"pJ", Align::right}});
  for (const ComponentCost* component : all_components(cost)) {
    const bool on_chip = component != &cost.dram;
    std::string name = component->name;
    std::string units = on_chip ? fmt::format("{}", component->instances) : "";
    std::string area = on_chip ? fmt::format("{:.1f}", component->area_um2) : "off chip";
    for (const ActionCost& action : component->actions) {
      prices.row({std::exchange(name, ""), std::exchange(units, ""), std::exchange(area, ""), action.name,
                  fmt::format("{:.4f}", action.energy_per_action_pj)});
    }
  }
  prices.rule();
  prices.row({"on chip", "", fmt::format("{:.1f}", cost.area_um2)});

  TextTable cards({{"component"}, {"card"}, {"evidence"}, {"node"}});
  std::string sources;
  for (const ComponentCost* component : all_components(cost)) {
    cards.row({component->name, component->provenance.card, std::string(evidence_name(component->provenance.evidence)),
               node_text(*component)});
    sources += fmt::format("  {}: {}\n", component->name, component->provenance.source);
    if (!component->provenance.remark.empty()) sources += fmt::format("    {}\n", component->provenance.remark);
  }
  std::string text = fmt::format("{}: {}\n\n", cost.library, library.text) + prices.text();
  text += fmt::format("\nAn action's energy does not depend on the clock. DRAM: {:.3g} pJ/bit. Leakage: {}.\n",
                      cost.dram_pj_per_bit, cost.leakage_note);
  for (const auto& [action, reason] : library.free) text += fmt::format("Free: {} ({})\n", action, reason);
  text += "\n" + cards.text() + "\nSources\n" + sources;
  for (const std::string& note : cost.notes) text += "warning: " + note + "\n";
  return text;
}

}  // namespace capcam
