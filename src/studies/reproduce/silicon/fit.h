// Factors that no card can state (what a converter, the lines and an array take beside their parts), fitted to the
// macros that are marked so. The cards of their units hold the result; a test compares both.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "capcam/figure.h"
#include "cost/cards/unit_cards.h"
#include "studies/reproduce/silicon/macros.h"

namespace capcam::silicon {

// A geometric mean of published over predicted, with the smallest and the largest of them.
struct Fitted {
  std::string unit;      // "converter_overhead"
  std::string quantity;  // "factor" or "area_factor"
  Figure value = Figure::exactly(1.0);
  std::size_t rows = 0;
  Figure on_card;
};

// Nothing is read from rows that are not marked `fit`.
std::vector<Fitted> fit(const std::vector<Macro>& macros, const UnitCards& units);

}  // namespace capcam::silicon
