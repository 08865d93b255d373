// Energy, delay and area of digital logic from one technology node to another.
//
//   energy factor  e(V) = a2 V^2 + a1 V + a0           E_to = E_from e_to(V_to) / e_from(V_from)
//   delay factor   t(V) = a3 V^3 + a2 V^2 + a1 V + a0  T_to = T_from t_to(V_to) / t_from(V_from)
//   area factor    of a node relative to 65 nm         A_to = A_from a_to / a_from
//
// At one node, energy follows the square of the supply: the fits are taken at the node's nominal supply alone, where
// they hold (at 65 nm the fitted energy would grow below 0.59 V, at 180 nm it would be negative below 0.73 V), and
// delay follows the alpha-power law V / (V - 0.35 V)^1.3 (Sakurai and Newton, IEEE JSSC 25(2), 1990).
//
//   energy_ratio   c_to V_to^2 / (c_from V_from^2),  c = e(V_n) / V_n^2,  V_n the nominal supply
//   gate_delay_ps  t(V_n) [V / (V - 0.35)^1.3] / [V_n / (V_n - 0.35)^1.3], of an inverter that drives four
//
// The coefficients are those of Stillmaker and Baas, Integration 58, 2017 (doi 10.1016/j.vlsi.2017.02.002), as listed
// by nodeScale (github.com/wromaszkan/nodeScale), for high-performance processes where two are given. The tabulated
// nodes are 180, 130, 90, 65, 45, 32, 20, 16, 14, 10 and 7 nm. Between two of them (40, 28 nm), log(factor) is linear
// in log(node) at the same supply; outside 180 .. 7 nm, the factor is extrapolated from the outermost two nodes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "capcam/circuit.h"

namespace capcam {

struct Technology {
  double node_nm = 45.0;
  double supply_v = 0.9;
  CircuitParams conditions{};  // temperature and corner, for leakage; its supply is not used
};

// Both throw InputError where the fit has no meaning, because energy or delay would not be positive.
double energy_factor(const Technology& technology);
double delay_factor(const Technology& technology);
double area_factor(double node_nm);

double nominal_supply_v(double node_nm);
double energy_ratio(const Technology& from, const Technology& to);
// Leakage power of a square micron relative to that of typical transistors at `card_c` and the supply `card_v`:
// subthreshold current by temperature, corner and drain-induced barrier lowering (config/conditions.h), times the
// supply.
double leakage_ratio(double card_v, double card_c, const Technology& technology);
// Below 0.4 V, where transistors turn on only in part, the delay is a lower bound.
double gate_delay_ps(const Technology& technology);

// Returns "5 nm is extrapolated from 10 and 7 nm", or nothing.
std::string extrapolation(double node_nm);

}  // namespace capcam
