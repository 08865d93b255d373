// SPDX-License-Identifier: Apache-2.0
#include "studies/price/accelergy.h"

#include <fmt/format.h>

#include "capcam/report.h"
#include "core/output_set.h"
#include "core/printable.h"
#include "outputs/output_folder.h"

namespace capcam {
namespace {

// Returns "capcam.converter[1..16]", as Accelergy counts instances in a name.
std::string name_of(const ComponentCost& component) {
  return fmt::format("capcam.{}[1..{}]", component.name, component.instances);
}

// YAML reads "1e-05" as text, so a number needs its point.
std::string number(double value) {
  std::string text = fmt::format("{}", value);
  const std::size_t exponent = text.find('e');
  if (exponent != std::string::npos && text.find('.') == std::string::npos) text.insert(exponent, ".0");
  return text;
}

std::string actions_of(const ComponentCost& component, double frequency_ghz) {
  std::string text = fmt::format("  - name: {}\n    actions:\n", name_of(component));
  for (const ActionCost& action : component.actions)
    text += fmt::format("    - name: {}\n      arguments: {{}}\n      energy: {}\n", action.name,
                        number(action.energy_per_action_pj.value));
  const double leakage_mw = component.leakage_mw.value / static_cast<double>(component.instances);
  text += fmt::format("    - name: leak\n      arguments: {{}}\n      energy: {}\n",
                      number(leakage_mw / frequency_ghz));  // mW x ns = pJ
  return text;
}

}  // namespace

std::string energy_reference_table(const Cost& cost, double frequency_ghz) {
  std::string text = fmt::format("# capcam, library {}: pJ. leak: of one instance for a cycle at {} GHz.\n",
                                 printable(cost.library), frequency_ghz);
  text += "ERT:\n  version: 0.4\n  tables:\n";
  for (const ComponentCost& component : cost.components) text += actions_of(component, frequency_ghz);
  return text + actions_of(cost.dram, frequency_ghz);
}

std::string action_counts_table(const Cost& cost, std::uint64_t cycles) {
  std::string text = fmt::format("# capcam: {} cycles. leak: cycles of all instances.\n", cycles);
  text += "action_counts:\n  version: 0.4\n  local:\n";
  const auto add = [&](const ComponentCost& component) {
    text += fmt::format("  - name: {}\n    action_counts:\n", name_of(component));
    for (const ActionCost& action : component.actions)
      text += fmt::format("    - name: {}\n      counts: {}\n", action.name, action.count);
    text += fmt::format("    - name: leak\n      counts: {}\n", cycles * component.instances);
  };
  for (const ComponentCost& component : cost.components) add(component);
  add(cost.dram);
  return text;
}

std::string area_reference_table(const Cost& cost) {
  std::string text = fmt::format("# capcam, library {}: um^2 of one instance.\n", printable(cost.library));
  text += "ART:\n  version: 0.4\n  tables:\n";
  const auto add = [&](const ComponentCost& component) {
    text += fmt::format("  - name: {}\n    area: {}\n", name_of(component),
                        number(component.area_um2.value / static_cast<double>(component.instances)));
  };
  for (const ComponentCost& component : cost.components) add(component);
  add(cost.dram);
  return text;
}

void write_reference_tables(const std::filesystem::path& folder, const Cost& cost, double frequency_ghz,
                            std::optional<std::uint64_t> cycles) {
  const OutputFolder made(folder);
  OutputSet files(folder);
  if (cycles) {
    files.add("action_counts.yaml", action_counts_table(cost, *cycles));
  } else {
    files.remove("action_counts.yaml");
  }
  files.add("ART.yaml", area_reference_table(cost));
  files.add("ERT.yaml", energy_reference_table(cost, frequency_ghz));
  files.publish();
}

}  // namespace capcam
