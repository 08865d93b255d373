// The price of one component of a machine, whichever kind of card says it: its area and leakage, and the energy of each
// of its actions.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "capcam/config.h"
#include "capcam/figure.h"
#include "capcam/trace.h"
#include "cost/cards/card.h"
#include "cost/cards/library.h"
#include "cost/cards/node_scaling.h"

namespace capcam {

struct ComponentPrice {
  struct Action {
    std::string name;  // "convert"
    Figure energy_pj;
  };
  std::string name;
  std::vector<Provenance> cards;           // the card that says most comes first
  std::optional<double> normalized_to_nm;  // absent if the numbers are used at their own node
  std::uint64_t instances = 0;             // instances in the whole machine
  Figure area_um2;                         // area of all instances together
  Figure leakage_mw;                       // leakage of all instances together
  std::vector<Action> actions;             // in the order of ActionCounts
  // Of an overhead alone: its energy is this part of what the components `of` take, of all of them if `of` is empty.
  Figure energy_share{};
  std::vector<std::string> of{};
};

struct MachinePrices {
  std::vector<ComponentPrice> components;  // on chip, in the order of the data flow
  std::vector<ComponentPrice> overheads;   // on chip, what every chip has beside its components
  ComponentPrice dram;                     // off chip, so it has no area
  std::vector<std::string> notes;          // say where the machine is not the one the cards describe
};

// Returns node, supply, temperature and corner of a configuration's digital parts.
Technology technology_of(const Config& config);

// Prices the machine of a configuration. Some blocks are sized by the trace's shape; without one, dimensions as wide as
// an array and as many keys as the key SRAM holds are assumed, and a note says so. Throws LawBroken naming every action
// that the library neither prices nor declares free, and InputError for a clock that the node cannot reach.
MachinePrices machine_prices(const Config& config, const CardLibrary& library, const TraceShape* shape = nullptr);

}  // namespace capcam
