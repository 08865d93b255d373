// SPDX-License-Identifier: Apache-2.0
#include "cost/overheads.h"

#include <algorithm>

namespace capcam {
namespace {

bool serves(const ComponentPrice& overhead, const ComponentPrice& component) {
  return overhead.of.empty() || std::find(overhead.of.begin(), overhead.of.end(), component.name) != overhead.of.end();
}

}  // namespace

void add_overheads(MachinePrices& prices, const Blocks& blocks) {
  struct Kind {
    const char* unit;
    bool has_energy;
    std::vector<std::string> of;
  };
  const std::vector<std::string> analogue{"cam_array", "search_line", "matchline", "converter"};
  const bool has_analogue = std::any_of(prices.components.begin(), prices.components.end(),
                                        [](const ComponentPrice& one) { return one.name == "cam_array"; });
  for (const Kind& kind : {Kind{"clock_tree", true, {}}, Kind{"control", true, {}}, Kind{"wires", true, {}},
                           Kind{"decoupling", false, {}}, Kind{"bias_reference", true, analogue}}) {
    if (!kind.of.empty() && !has_analogue) continue;
    ComponentPrice& overhead = prices.overheads.emplace_back();
    overhead.name = kind.unit;
    overhead.instances = 1;
    overhead.of = kind.of;
    if (kind.has_energy) overhead.energy_share = blocks.factor(kind.unit);
    Figure served_um2;
    for (const ComponentPrice& component : prices.components) {
      if (serves(overhead, component)) served_um2 += component.area_um2;
    }
    overhead.area_um2 = blocks.factor_of_area(kind.unit) * served_um2;
    for (const UnitCard* card : blocks.cards(kind.unit)) overhead.cards.push_back(card->provenance);
    // Wires and capacitors do not leak.
    if (overhead.name != "wires" && overhead.name != "decoupling")
      overhead.leakage_mw = blocks.leakage_mw("logic_leakage", overhead.area_um2);
  }
}

}  // namespace capcam
