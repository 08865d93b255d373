// SPDX-License-Identifier: Apache-2.0
#include "studies/price/accelergy.h"

#include <fmt/format.h>

#include "capcam/report.h"
#include "core/atomic_file.h"
#include "core/output_set.h"
#include "outputs/output_folder.h"

namespace capcam {
namespace {

// "capcam.converter[1..16]": Accelergy counts instances in a name.
std::string name_of(const ComponentCost& component) {
  return fmt::format("capcam.{}[1..{}]", component.name, component.instances);
}

// YAML reads "1e-05" as text: a number needs its point.
std::string number(double value) {
  std::string text = fmt::format("{}", value);
  const std::size_t exponent = text.find('e');
  if (exponent != std::string::npos && text.find('.') == std::string::npos) text.insert(exponent, ".0");
  return text;
}

std::string actions_of(const ComponentCost& component) {
  std::string text = fmt::format("  - name: {}\n    actions:\n", name_of(component));
  for (const ActionCost& action : component.actions)
    text += fmt::format("    - name: {}\n      arguments: {{}}\n      energy: {}\n", action.name,
                        number(action.energy_per_action_pj));
  text += fmt::format("    - name: leak\n      arguments: {{}}\n      energy: {}\n",
                      number(component.leakage_mw / static_cast<double>(component.instances)));
  return text;
}

}  // namespace

std::string energy_reference_table(const Cost& cost) {
  std::string text = fmt::format("# capcam, library {}: pJ. leak: of one instance for a nanosecond.\n", cost.library);
  text += "ERT:\n  version: 0.4\n  tables:\n";
  for (const ComponentCost& component : cost.components) text += actions_of(component);
  return text + actions_of(cost.dram);
}

std::string area_reference_table(const Cost& cost) {
  std::string text = fmt::format("# capcam, library {}: um^2 of one instance.\n", cost.library);
  text += "ART:\n  version: 0.4\n  tables:\n";
  const auto add = [&](const ComponentCost& component) {
    text += fmt::format("  - name: {}\n    area: {}\n", name_of(component),
                        number(component.area_um2 / static_cast<double>(component.instances)));
  };
  for (const ComponentCost& component : cost.components) add(component);
  add(cost.dram);
  return text;
}

void write_reference_tables(const std::filesystem::path& folder, const Cost& cost) {
  const OutputFolder made(folder);
  write_file_atomically(folder / "ERT.yaml", energy_reference_table(cost));
  write_file_atomically(folder / "ART.yaml", area_reference_table(cost));
}

}  // namespace capcam
