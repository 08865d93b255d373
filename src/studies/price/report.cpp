// SPDX-License-Identifier: Apache-2.0
#include "studies/price/report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "report/cost_json.h"
#include "report/provenance.h"
#include "report/table.h"

namespace capcam {
namespace {

using Json = nlohmann::ordered_json;

// Returns the components on chip, then the DRAM.
std::vector<const ComponentCost*> all_components(const Cost& cost) {
  std::vector<const ComponentCost*> components;
  for (const ComponentCost& component : cost.components) components.push_back(&component);
  components.push_back(&cost.dram);
  return components;
}

bool spread(const Figure& figure) { return figure.low != figure.value || figure.high != figure.value; }

bool has_spread(const Cost& cost) {
  for (const ComponentCost* component : all_components(cost)) {
    if (spread(component->area_um2)) return true;
    for (const ActionCost& action : component->actions)
      if (spread(action.energy_per_action_pj)) return true;
  }
  return false;
}

std::string ends(const Figure& figure, int digits) {
  return spread(figure) ? fmt::format("{:.{}f} .. {:.{}f}", figure.low, digits, figure.high, digits) : "";
}

Json interval_json(const Figure& figure) { return {{"low", figure.low}, {"high", figure.high}}; }

std::string price_table(const Cost& cost) {
  const bool intervals = has_spread(cost);
  std::vector<TextTable::Column> columns = {{"component"}, {"units", Align::right}, {"area um^2", Align::right}};
  if (intervals) columns.push_back({"low .. high", Align::right});
  columns.push_back({"action"});
  columns.push_back({"pJ", Align::right});
  if (intervals) columns.push_back({"low .. high", Align::right});
  TextTable table(columns);
  const auto row = [&](std::string name, std::string units, std::string area, std::string area_ends, std::string action,
                       std::string energy, std::string energy_ends) {
    std::vector<std::string> cells = {std::move(name), std::move(units), std::move(area)};
    if (intervals) cells.push_back(std::move(area_ends));
    cells.push_back(std::move(action));
    cells.push_back(std::move(energy));
    if (intervals) cells.push_back(std::move(energy_ends));
    table.row(std::move(cells));
  };
  for (const ComponentCost* component : all_components(cost)) {
    const bool on_chip = component != &cost.dram;
    std::string name = component->name;
    std::string units = on_chip ? fmt::format("{}", component->instances) : "";
    std::string area = on_chip ? fmt::format("{:.1f}", component->area_um2.value) : "off chip";
    std::string area_ends = ends(component->area_um2, 1);
    if (component->actions.empty()) row(name, units, area, area_ends, "", "", "");
    for (const ActionCost& action : component->actions) {
      // What is a part of other components has an energy once there is a run.
      if (action.name == "beside" && action.energy_pj.value == 0.0) {
        row(name, units, area, area_ends, "beside a run", "", "");
        continue;
      }
      row(std::exchange(name, ""), std::exchange(units, ""), std::exchange(area, ""), std::exchange(area_ends, ""),
          action.name, fmt::format("{:.4f}", action.energy_per_action_pj.value), ends(action.energy_per_action_pj, 4));
    }
  }
  table.rule();
  row("on chip", "", fmt::format("{:.1f}", cost.area_um2.value), ends(cost.area_um2, 1), "", "", "");
  return table.text();
}

// A card with the components it prices.
std::string cards_text(const Cost& cost) {
  TextTable table({{"card"}, {"evidence"}, {"node"}, {"prices"}});
  std::string sources;
  std::set<std::string> done;
  for (const ComponentCost* component : all_components(cost)) {
    for (const Provenance& card : component->cards) {
      if (!done.insert(card.card).second) continue;
      std::vector<std::string> priced;
      for (const ComponentCost* other : all_components(cost)) {
        for (const Provenance& one : other->cards)
          if (one.card == card.card) priced.push_back(other->name);
      }
      table.row({card.card, std::string(evidence_name(card.evidence)), node_text(*component, card),
                 fmt::format("{}", fmt::join(priced, ", "))});
      sources += fmt::format("  {}: {}: {}\n", card.card, card.module, card.source);
      if (!card.remark.empty()) sources += fmt::format("    {}\n", card.remark);
    }
  }
  return "\n" + table.text() + "\nSources\n" + sources;
}

}  // namespace

nlohmann::ordered_json cost_to_json(const Cost& cost, const CardLibrary& library, std::uint64_t head_queries) {
  Json json;
  json["schema"] = "capcam-cost/1";
  json["library"] = cost.library;
  json["area_um2"] = cost.area_um2.value;
  json["area_um2"] = interval_json(cost.area_um2);
  json["leakage_mw"] = cost.leakage_mw.value;
  json["leakage_mw"] = interval_json(cost.leakage_mw);
  json["dram_pj_per_bit"] = cost.dram_pj_per_bit;
  Json components = Json::array();
  for (const ComponentCost* component : all_components(cost)) {
    Json one = card_to_json(*component, component->cards.empty() ? Provenance{} : component->cards.front());
    Json cards = Json::array();
    for (const Provenance& card : component->cards) cards.push_back(card_to_json(*component, card));
    one["cards"] = std::move(cards);
    one["area_um2"] = component->area_um2.value;
    one["area_um2"] = interval_json(component->area_um2);
    Json actions = Json::object(), intervals = Json::object();
    for (const ActionCost& action : component->actions) {
      actions[action.name] = action.energy_per_action_pj.value;
      intervals[action.name] = interval_json(action.energy_per_action_pj);
    }
    one["energy_per_action_pj"] = std::move(actions);
    one["energy_per_action_interval_pj"] = std::move(intervals);
    components.push_back(std::move(one));
  }
  json["components"] = std::move(components);
  if (head_queries > 0)
    json["energy_pj"] = energy_to_json(cost, cost.total_pj.value / static_cast<double>(head_queries));
  json["free"] = library.free;
  json["leakage"] = cost.leakage_note;
  json["warnings"] = cost.notes;
  return json;
}

std::string cost_table(const Cost& cost, const CardLibrary& library) {
  std::string text = fmt::format("{}: {}\n\n", cost.library, library.text) + price_table(cost);
  text += fmt::format(
      "\nAn action's energy does not depend on the clock. DRAM: {:.3g} pJ/bit. Leakage: {}{}.\n", cost.dram_pj_per_bit,
      cost.leakage_mw.value > 0.0 ? fmt::format("{:.3g} mW, ", cost.leakage_mw.value) : "", cost.leakage_note);
  if (has_spread(cost)) text += "low .. high: where sources disagree; all low or all high at once in a sum.\n";
  for (const auto& [action, reason] : library.free) text += fmt::format("Free: {} ({})\n", action, reason);
  text += cards_text(cost);
  for (const std::string& note : cost.notes) text += "warning: " + note + "\n";
  return text;
}

std::string run_cost_table(const Cost& cost, std::uint64_t head_queries) {
  TextTable table(
      {{"run"}, {"energy nJ", Align::right}, {"pJ/head-query", Align::right}, {"low .. high", Align::right}});
  const auto row = [&](const std::string& name, const Figure& energy_pj) {
    const Figure each = energy_pj / Figure::exactly(static_cast<double>(head_queries));
    table.row({name, fmt::format("{:.4f}", energy_pj.value / 1e3), fmt::format("{:.2f}", each.value), ends(each, 2)});
  };
  for (const ComponentCost& component : cost.components) row(component.name, component.energy_pj);
  row("leakage", cost.leakage_pj);
  table.rule();
  row("on chip", cost.on_chip_pj);
  row("dram", cost.dram_pj);
  row("total", cost.total_pj);
  return "\n" + table.text();
}

}  // namespace capcam
