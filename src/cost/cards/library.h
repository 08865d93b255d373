// The cards that price a run: those of the on-chip components or of the units they are made of, one for the DRAM, and
// the actions that are free and why.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "capcam/config.h"
#include "cost/cards/card.h"
#include "cost/cards/unit_cards.h"

namespace capcam {

// What kind of cards a library has.
enum class PricedBy { modules, blocks };
inline constexpr Choice<PricedBy> pricings[] = {
    {PricedBy::modules, "modules", "a card a component (cost/card.h)"},
    {PricedBy::blocks, "blocks", "unit cards, of which blocks of any size are made (cost/unit_card.h, cost/blocks.h)"},
};

struct CardLibrary {
  std::string name;  // its folder in models/
  std::string text;
  std::string leakage;  // why leakage is what it is
  PricedBy priced_by = PricedBy::modules;
  std::vector<Card> cards;                  // modules, in the order of ActionCounts
  UnitCards units;                          // of blocks
  DramCard dram;                            // prices dram.value_bytes and dram.key_bytes
  std::map<std::string, std::string> free;  // full action name, reason
  DesignPoint designed_for;                 // of the library as a whole
  std::vector<std::string> notes;           // cards of the user's that take the place of shipped ones

  const Card* find(std::string_view component) const&;            // null: none
  const Card* find(std::string_view component) const&& = delete;  // it would point into what is gone
};

// The folder models/<cost.library> (library.toml and one file a card) and models/dram/<memory.dram_card>.toml. Throws
// InputError with every problem of every card; a name that does not exist is answered with those that do.
// `own`: the user's folder, laid out like models/ and looked at first; empty: none. A library.toml in it makes a
// library; without one, its cards take the place of the shipped ones of the same component or unit.
CardLibrary read_cards(const Config& config, const std::filesystem::path& own = {});

// The same from given places. `over`: a folder of cards that take the place of those of the same component or unit.
CardLibrary read_cards(const std::filesystem::path& folder, const std::filesystem::path& dram_card,
                       const std::filesystem::path& over = {});

// "action has no price" / "priced twice", one a line; empty if every action is priced by exactly one card or free.
std::vector<std::string> pricing_problems(const CardLibrary& library);

}  // namespace capcam
