// The figures of a design that are drawn with its cards: area, and of a run its energies.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "capcam/drawn.h"
#include "cost/price.h"

namespace capcam {

// Area in mm^2; of a run with head-queries also energy on chip and in all, in nJ per head-query. The library must be
// one of unit cards.
std::vector<DrawnFigure> drawn_figures(const RunStats& stats, const Config& config, const CardLibrary& library,
                                       const TraceShape* shape);

}  // namespace capcam
