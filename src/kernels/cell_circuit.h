// The three ways in which a cell puts its match on the matchline: what of the supply the row's cells share, and the
// charge that a search draws from the supply. There are d cells of capacitance C' = C + C_x (capacitor and parasitic
// capacitance of its node), m of them matching, and a matchline of parasitic capacitance C_p, which a switch of its own
// resets to ground before every search and which therefore never draws from the supply by itself. Settled:
//
//               voltage                    charge from the supply, a search after another with the same matches
//   discharge   V_s m C' / (d C' + C_p)    C' V_s [(d - m) + m C_p / (d C' + C_p)]
//   charge      V_s m C' / (d C' + C_p)    C' V_s m
//   coupling    V_s m C / (d C + C_p)      C V_s [m (d - m) C + m C_p] / (d C + C_p) + m C_x V_s
//
// discharge: the cells hold V from the search before and are precharged to V_s, d C' (V_s - V) in all; nothing else
// draws. charge: the cells that match rise from ground. coupling: the plates of the cells that match rise by V_s,
// across their capacitors by V_s - V; C_x loads the plates. All by conservation of charge; discharge without C_p is (d
// - m) C V_s, the published cell's (CAMformer, arXiv 2511.19740: matching cells keep their charge).
//
// Where phases are too short (kernels/phases.h): u is what is missing of the precharge or left by the reset, as a part
// of V_s and in the worst case (a cell that has to make the whole way), q what is left of the way in the evaluation.
// The cells' mean charge is then that of A cells per matching one and B per cell:
//
//   discharge   A = (1 - u) (1 - q)   B = (1 - u) q       a cell that does not match keeps a part q
//   charge      A = (1 - u) (1 - q)   B = u               a cell that matches makes its way from u
//   coupling    A = 1                 B = -u              plates that were up and are not down yet fall in the
//   evaluation
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "capcam/circuit.h"

namespace capcam {

struct CellShares {
  double matching = 1.0;  // A
  double all = 0.0;       // B
};
CellShares cell_shares(CellCircuit circuit, double missing, double left);

// Charge from the supply in a search: the sum of these over the matching cells, the others, and the pairs of one of
// each in a row, m (d - m).
struct SupplyCharge {
  double per_match_fc = 0.0, per_mismatch_fc = 0.0, per_pair_fc = 0.0;
  double of_row_fc(double used, double matches) const {
    return matches * per_match_fc + (used - matches) * per_mismatch_fc + matches * (used - matches) * per_pair_fc;
  }
};
// `used`: cells of the row. Capacitances in fF: of a cell's capacitor, of its node beside it, of the matchline.
SupplyCharge supply_charge(CellCircuit circuit, double supply_v, double used, double capacitor_ff, double parasitic_ff,
                           double matchline_ff);

}  // namespace capcam
