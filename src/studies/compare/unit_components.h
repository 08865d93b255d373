// The components of a baseline's unit, as blocks of unit cards with the energy of their actions.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "cost/blocks/blocks.h"
#include "cost/component_price.h"

namespace capcam::baseline {

class UnitComponents {
 public:
  UnitComponents(std::uint64_t cores, const Blocks& blocks) : cores_(cores), blocks_(blocks) {}

  // Adds `instances` of `one` per core.
  void add(const std::string& name, std::uint64_t instances, const Block& one,
           std::vector<ComponentPrice::Action> actions) {
    ComponentPrice& price = components.emplace_back();
    price.name = name;
    price.instances = instances * cores_;
    price.area_um2 = static_cast<double>(price.instances) * one.area_um2;
    price.leakage_mw = static_cast<double>(price.instances) * one.leakage_mw;
    price.actions = std::move(actions);
    price.normalized_to_nm = blocks_.technology().node_nm;
    for (const UnitCard* card : one.cards) price.cards.push_back(card->provenance);
  }

  // Adds a memory of one port for each side. Its actions are per bit, so that counts do not depend on its width.
  void add_memory(const std::string& name, std::uint64_t instances, double bytes, double width_bits) {
    const Block sram = blocks_.sram(bytes, width_bits);
    add(name, instances, sram,
        {{"write_bit", (1.0 / width_bits) * sram.energy_pj("write")},
         {"read_bit", (1.0 / width_bits) * sram.energy_pj("read")}});
  }

  std::vector<ComponentPrice> components;

 private:
  std::uint64_t cores_;
  const Blocks& blocks_;
};

}  // namespace capcam::baseline
