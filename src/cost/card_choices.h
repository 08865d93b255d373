// Which cards could price a design where sources disagree. A unit has the cards of its sources, each from its low to
// its high; a choice takes one number of one source for every unit, so that whatever is priced with it shares it: a
// machine and the unit it is compared with move together.
//
// A draw takes a source with equal chances and a number between its low and its high, evenly on a logarithmic scale,
// for each unit. It depends on the seed, the number of the draw and the unit's name alone.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "capcam/config.h"
#include "capcam/drawn.h"
#include "cost/cards/library.h"

namespace capcam {

// Returns figures of a design under these cards, which have no intervals left.
using Pricing = std::function<std::vector<double>(const CardLibrary& cards, const Config& config)>;

class CardChoices {
 public:
  static constexpr std::uint32_t draws = 1000;

  // `library` must be one of unit cards.
  CardChoices(const CardLibrary& library, const Config& config);

  // Returns the spread of each figure of `pricing`.
  std::vector<Spread> spreads(const Pricing& pricing) const;
  // Returns, for each figure, the units that move it, the largest ratio of high to low first.
  std::vector<std::vector<Swing>> swings(const Pricing& pricing) const;

 private:
  // One unit; its first source is the preferred one. The DRAM has one source and no cards.
  struct Unit {
    std::string name;
    std::vector<UnitCard> sources;
  };
  // The number of one source: its place between low (0) and high (1), or as stated.
  struct Pick {
    std::size_t source = 0;
    double of_energy = as_stated, of_area = as_stated;
  };
  static constexpr double as_stated = -1.0;
  std::vector<double> priced(const std::vector<Pick>& picks, const Pricing& pricing) const;  // a pick for each unit
  std::vector<Pick> drawn(std::uint32_t number) const;

  CardLibrary library_;  // without cards of units
  const Config& config_;
  std::vector<Unit> units_;
};

}  // namespace capcam
