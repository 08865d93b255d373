// What the library `physical` says about a published macro: the machine's own blocks at the macro's size, node, supply,
// capacitor and converter.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "capcam/figure.h"
#include "cost/cards/unit_cards.h"
#include "studies/reproduce/silicon/macros.h"

namespace capcam::silicon {

// One operation of one matchline, with half of its cells matching. Lines are what is not charge in the cells: search
// lines, share and reset lines (of a CAM without sharing: its matchline), with their drivers.
struct Prediction {
  Figure cells_pj, lines_pj, converter_pj;
  Figure array_mm2, converter_mm2;  // of all converters
  Figure macro_mm2;                 // both, with what every chip has beside its components
  double cells_per_matchline = 1.0;
  std::vector<std::string> assumed;  // "supply 1.1 V": what the row leaves open

  Figure array_pj() const { return cells_pj + lines_pj; }
  Figure matchline_pj() const { return array_pj() + converter_pj; }
  Figure fj_per_bit() const { return (1e3 / cells_per_matchline) * matchline_pj(); }
};

Prediction predict(const Macro& macro, const UnitCards& units);

}  // namespace capcam::silicon
