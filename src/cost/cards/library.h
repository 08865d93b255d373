// The cards that price a run: cards of the on-chip components or of the units they are made of, a card of the DRAM, and
// the list of actions that are free, with reasons.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "capcam/config.h"
#include "cost/cards/card.h"
#include "cost/cards/unit_cards.h"

namespace capcam {

// The kind of cards a library has.
enum class PricedBy { modules, blocks };
inline constexpr Choice<PricedBy> pricings[] = {
    {PricedBy::modules, "modules", "a card per component"},
    {PricedBy::blocks, "blocks", "unit cards, of which blocks of any size are made"},
};

struct CardLibrary {
  std::string name;  // its folder in models/
  std::string text;
  std::string leakage;  // the reason why leakage is what it is
  PricedBy priced_by = PricedBy::modules;
  std::vector<Card> cards;                  // cards of modules, in the order of ActionCounts
  UnitCards units;                          // unit cards
  UnitCards circuit;                        // unit cards of the circuit: its own, or those of physical; or none
  DramCard dram;                            // prices dram.value_bytes and dram.key_bytes
  std::map<std::string, std::string> free;  // reasons, by full action name
  DesignPoint designed_for;                 // the design that the library as a whole describes
  std::vector<std::string> notes;           // say which of the user's cards replace shipped ones

  const Card* find(std::string_view component) const&;            // null if there is none
  const Card* find(std::string_view component) const&& = delete;  // would point into a library that is gone
};

// Reads the folder models/<cost.library> (library.toml and one file per card) and models/dram/<memory.dram_card>.toml.
// Throws InputError with every problem of every card; for a name that does not exist it lists those that do.
// `own` is the user's folder, laid out like models/ and searched first. A library in it that has a library.toml stands
// alone; without one, its cards replace the shipped ones of the same component or unit.
CardLibrary read_cards(const Config& config, const std::optional<std::filesystem::path>& own = {});

// Does the same with given places. Cards in the folder `over` replace those of the same component or unit.
CardLibrary read_cards(const std::filesystem::path& folder, const std::filesystem::path& dram_card,
                       const std::optional<std::filesystem::path>& over = {});

// Returns one problem per action that has no price or more than one; empty if each is free or priced by one card.
std::vector<std::string> pricing_problems(const CardLibrary& library);

}  // namespace capcam
