// The cards that price a run: one for every on-chip component, one for the DRAM, and the actions that are free and why.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "cost/card.h"

namespace capcam {

struct CardLibrary {
  std::string name;  // its folder in models/
  std::string text;
  std::string leakage;                      // why leakage is what it is
  std::vector<Card> cards;                  // in the order of ActionCounts
  DramCard dram;                            // prices dram.value_bytes and dram.key_bytes
  std::map<std::string, std::string> free;  // full action name, reason
  DesignPoint designed_for;                 // of the library as a whole

  const Card* find(std::string_view component) const;
};

// The folder models/<cost.library> (library.toml and one file a card) and models/dram/<memory.dram_card>.toml. Throws
// InputError with every problem of every card; a name that does not exist is answered with those that do.
CardLibrary read_cards(const Config& config);

// The same from places of your own.
CardLibrary read_cards(const std::filesystem::path& folder, const std::filesystem::path& dram_card);

// "action has no price" / "priced twice", one a line; empty if every action is priced by exactly one card or free.
std::vector<std::string> pricing_problems(const CardLibrary& library);

}  // namespace capcam
