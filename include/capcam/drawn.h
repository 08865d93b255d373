// How a figure spreads where the sources of the cards disagree: cards are drawn, and each figure is priced with each
// draw. One unit's cards at a time say which of them move it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace capcam {

// A figure at the preferred cards, and at the 5th, 50th and 95th percentile of the draws.
struct Spread {
  double value = 0.0, low = 0.0, median = 0.0, high = 0.0;
};

// How far one unit's cards move a figure when all others are the preferred ones.
struct Swing {
  std::string unit;
  double low = 0.0, high = 0.0;
};

struct DrawnFigure {
  std::string figure, unit;
  Spread spread;              // in that unit
  std::vector<Swing> swings;  // the largest ratio of high to low first
};

}  // namespace capcam
