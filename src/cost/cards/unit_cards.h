// The unit cards of a library: which units there are, what each card must state, and which of several gives the value.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cost/cards/unit_card.h"

namespace capcam {

// One thing that is priced, and the quantities its cards must state.
struct Unit {
  std::string_view name;
  std::string_view needs;  // names of a card's sections
  std::string_view doc;
};
std::span<const Unit> units();

class UnitCards {
 public:
  UnitCards() = default;
  explicit UnitCards(std::vector<UnitCard> cards) : cards_(std::move(cards)) {}

  const std::vector<UnitCard>& all() const { return cards_; }
  bool empty() const { return cards_.empty(); }
  // Returns the unit's cards, the preferred one first. Throws LawBroken if it has none; ask problems() first.
  std::vector<const UnitCard*> of(std::string_view unit) const;
  // Returns "unit ... has no card", "has two preferred cards"; empty if every unit can be priced.
  std::vector<std::string> problems() const;

 private:
  std::vector<UnitCard> cards_;
};

// Throws InputError with every problem of the file.
UnitCard read_unit_card(const std::filesystem::path& file);

}  // namespace capcam
