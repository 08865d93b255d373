// SPDX-License-Identifier: Apache-2.0
#include "studies/price/comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "report/table.h"

namespace capcam {
namespace {

// Returns the names of the left cost in its order; a name that only the right one has follows its neighbour there.
std::vector<std::string> names_of(const std::vector<std::string>& left, const std::vector<std::string>& right) {
  std::vector<std::string> names = left;
  for (std::size_t i = 0; i < right.size(); ++i) {
    if (std::find(names.begin(), names.end(), right[i]) != names.end()) continue;
    const auto before = i == 0 ? names.end() : std::find(names.begin(), names.end(), right[i - 1]);
    names.insert(before == names.end() ? names.end() : before + 1, right[i]);
  }
  return names;
}

std::vector<std::string> components_of(const Cost& cost) {
  std::vector<std::string> names;
  for (const ComponentCost& component : cost.components) names.push_back(component.name);
  names.push_back(cost.dram.name);
  return names;
}

const ComponentCost* find(const Cost& cost, const std::string& name) {
  if (name == cost.dram.name) return &cost.dram;
  const auto found = std::find_if(cost.components.begin(), cost.components.end(),
                                  [&](const ComponentCost& c) { return c.name == name; });
  return found == cost.components.end() ? nullptr : &*found;
}

// Writes four digits, or all digits before the point if there are more.
std::string digits(double value) { return value >= 1e4 ? fmt::format("{:.0f}", value) : fmt::format("{:.4g}", value); }

std::string ratio(const std::optional<Figure>& left, const std::optional<Figure>& right) {
  return left && right && left->value > 0.0 ? fmt::format("{:.3g}", right->value / left->value) : "-";
}

class Comparison {
 public:
  Comparison(const std::string& what, const NamedCost& left, const NamedCost& right)
      : table_({{what},
                {left.name, Align::right},
                {right.name, Align::right},
                {"ratio", Align::right},
                {"low .. high", Align::right}}) {}
  // The interval shown is the right one's.
  void row(const std::string& name, const std::optional<Figure>& left, const std::optional<Figure>& right) {
    const bool spread = right && (right->low != right->value || right->high != right->value);
    table_.row({name, left ? digits(left->value) : "-", right ? digits(right->value) : "-", ratio(left, right),
                spread ? digits(right->low) + " .. " + digits(right->high) : ""});
  }
  void rule() { table_.rule(); }
  std::string text() const { return table_.text(); }

 private:
  TextTable table_;
};

std::string areas(const NamedCost& left, const NamedCost& right) {
  Comparison table("area, um^2", left, right);
  for (const std::string& name : names_of(components_of(left.cost), components_of(right.cost))) {
    const ComponentCost *a = find(left.cost, name), *b = find(right.cost, name);
    if (name == left.cost.dram.name) continue;
    table.row(name, a ? std::optional(a->area_um2) : std::nullopt, b ? std::optional(b->area_um2) : std::nullopt);
  }
  table.rule();
  table.row("on chip", left.cost.area_um2, right.cost.area_um2);
  return table.text();
}

std::string actions(const NamedCost& left, const NamedCost& right) {
  Comparison table("action, pJ", left, right);
  for (const std::string& name : names_of(components_of(left.cost), components_of(right.cost))) {
    const ComponentCost *a = find(left.cost, name), *b = find(right.cost, name);
    const auto actions_of = [](const ComponentCost* component) {
      std::vector<std::string> names;
      if (component != nullptr)
        for (const ActionCost& action : component->actions) {
          if (action.name != "beside") names.push_back(action.name);  // a share of a run, no price of an action
        }
      return names;
    };
    const auto price = [](const ComponentCost* component, const std::string& action) -> const ActionCost* {
      if (component == nullptr) return nullptr;
      const auto found = std::find_if(component->actions.begin(), component->actions.end(),
                                      [&](const ActionCost& one) { return one.name == action; });
      return found == component->actions.end() ? nullptr : &*found;
    };
    for (const std::string& action : names_of(actions_of(a), actions_of(b))) {
      const ActionCost *of_a = price(a, action), *of_b = price(b, action);
      table.row(fmt::format("{}.{}", name, action), of_a ? std::optional(of_a->energy_per_action_pj) : std::nullopt,
                of_b ? std::optional(of_b->energy_per_action_pj) : std::nullopt);
    }
  }
  return table.text();
}

std::string energies(const NamedCost& left, const NamedCost& right, std::uint64_t head_queries) {
  const auto each = [&](const Figure& energy_pj) {
    return energy_pj / Figure::exactly(static_cast<double>(head_queries));
  };
  Comparison table("run, pJ per head-query", left, right);
  for (const std::string& name : names_of(components_of(left.cost), components_of(right.cost))) {
    const ComponentCost *a = find(left.cost, name), *b = find(right.cost, name);
    if (name == left.cost.dram.name) continue;
    table.row(name, a ? std::optional(each(a->energy_pj)) : std::nullopt,
              b ? std::optional(each(b->energy_pj)) : std::nullopt);
  }
  const Cost &a = left.cost, &b = right.cost;
  table.row("leakage", each(a.leakage_pj), each(b.leakage_pj));
  table.rule();
  table.row("on chip", each(a.on_chip_pj), each(b.on_chip_pj));
  table.row("dram", each(a.dram_pj), each(b.dram_pj));
  table.row("total", each(a.total_pj), each(b.total_pj));
  return "\n" + table.text();
}

}  // namespace

std::string comparison_table(const NamedCost& left, const NamedCost& right, std::uint64_t head_queries) {
  std::string text = fmt::format("{}: library {}; {}: library {}. ratio: {} / {}; low .. high: of {}.\n\n", left.name,
                                 left.cost.library, right.name, right.cost.library, right.name, left.name, right.name);
  text += areas(left, right) + "\n" + actions(left, right);
  if (head_queries > 0) text += energies(left, right, head_queries);
  const auto warnings = [&](const NamedCost& one) {
    for (const std::string& note : one.cost.notes) text += fmt::format("warning: {}: {}\n", one.name, note);
  };
  warnings(left);
  warnings(right);
  return text;
}

}  // namespace capcam
