// SPDX-License-Identifier: Apache-2.0
#include "cost/component_price.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "capcam/error.h"
#include "cost/blocks/block_prices.h"
#include "cost/blocks/reach.h"
#include "cost/circuit_cards.h"
#include "cost/module_prices.h"
#include "cost/overheads.h"

namespace capcam {
namespace {

void note_differences(const std::string& who, const DesignPoint& designed_for, const Config& config,
                      const TraceShape* shape, std::vector<std::string>& notes) {
  const std::vector<std::string> texts = differences(designed_for, config, shape);
  if (texts.empty()) return;
  notes.push_back(
      fmt::format("{} describes another design ({}); its numbers are used unscaled", who, fmt::join(texts, ", ")));
}

// Notes the settings that a library of modules ignores: its numbers hold at one node, one supply, one converter.
void note_unused(const std::string& library, const CostParams& cost, std::vector<std::string>& notes) {
  const CostParams unset;
  std::vector<std::string> keys;
  if (cost.node_nm != unset.node_nm) keys.emplace_back("cost.node_nm");
  if (cost.supply_v != unset.supply_v) keys.emplace_back("cost.supply_v");
  if (cost.converter != unset.converter) keys.emplace_back("cost.converter");
  if (keys.empty()) return;
  notes.push_back(
      fmt::format("library {} does not know {}: its numbers are used as they are; a library of unit cards "
                  "(physical) does",
                  library, fmt::join(keys, ", ")));
}

ComponentPrice dram_price(const DramCard& card) {
  ComponentPrice price;
  price.name = "dram";
  price.cards = {card.provenance};
  price.instances = 1;
  for (const char* action : {"value_bytes", "key_bytes"}) price.actions.push_back({action, card.pj_per_byte_figure()});
  return price;
}

WorkSize work_size(const Config& config, const TraceShape* shape, std::vector<std::string>& notes) {
  if (shape != nullptr) {
    return {static_cast<double>(shape->head_dim), static_cast<double>(shape->value_dim),
            static_cast<double>(shape->keys)};
  }
  const WorkSize work{static_cast<double>(config.array.columns), static_cast<double>(config.array.columns),
                      std::max(1.0, config.memory.key_sram_kib * 8192.0 / config.array.columns)};
  notes.push_back(fmt::format("sized for heads of dimension {} and {} keys: there is no trace", work.head_dim,
                              std::floor(work.keys)));
  return work;
}

// Checks that every action is free or priced by exactly one component.
void check_all_priced(const MachinePrices& prices, const CardLibrary& library) {
  std::vector<std::string> problems;
  for (const Action& action : list_actions({})) {
    std::size_t priced = library.free.contains(action.full_name()) ? 1 : 0;
    const auto count_in = [&](const ComponentPrice& component) {
      if (component.name != action.component) return;
      for (const ComponentPrice::Action& one : component.actions) priced += one.name == action.name ? 1 : 0;
    };
    for (const ComponentPrice& component : prices.components) count_in(component);
    count_in(prices.dram);
    if (priced != 1) {
      problems.push_back(fmt::format("library {}: {} is {}", library.name, action.full_name(),
                                     priced == 0 ? "neither priced nor declared free" : "priced more than once"));
    }
  }
  if (!problems.empty()) throw LawBroken(fmt::format("price: {}", fmt::join(problems, "; ")));
}

}  // namespace

Technology technology_of(const Config& config) {
  return {config.cost.node_nm, config.cost.supply_v, config.sensing.circuit};
}

MachinePrices machine_prices(const Config& given, const CardLibrary& library, const TraceShape* shape) {
  const Config config = with_circuit_cards(given, library);
  MachinePrices prices;
  prices.notes = library.notes;
  note_differences("library " + library.name, library.designed_for, config, shape, prices.notes);
  if (library.priced_by == PricedBy::blocks) {
    const Blocks blocks(library.units, technology_of(config));
    const WorkSize work = work_size(config, shape, prices.notes);
    prices.components = block_prices(config, blocks, work, prices.notes);
    add_overheads(prices, blocks);
    for (std::string& note : unreached(config, blocks)) prices.notes.push_back(std::move(note));
  } else {
    note_unused(library.name, config.cost, prices.notes);
    for (const Card& card : library.cards) {
      prices.components.push_back(module_price(card, config));
      note_differences("card " + card.provenance.card, card.designed_for, config, shape, prices.notes);
    }
  }
  prices.dram = dram_price(library.dram);
  check_all_priced(prices, library);
  return prices;
}

}  // namespace capcam
