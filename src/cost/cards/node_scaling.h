// Energy, delay and area of digital logic from one technology node to another.
//
//   energy factor  e(V) = a2 V^2 + a1 V + a0           E_to = E_from e_to(V_to) / e_from(V_from)
//   delay factor   t(V) = a3 V^3 + a2 V^2 + a1 V + a0  T_to = T_from t_to(V_to) / t_from(V_from)
//   area factor    of a node relative to 65 nm         A_to = A_from a_to / a_from
//
// The coefficients are those of Stillmaker and Baas, Integration 58, 2017 (doi 10.1016/j.vlsi.2017.02.002), as listed
// by nodeScale (github.com/wromaszkan/nodeScale), for high-performance processes where two are given. The tabulated
// nodes are 180, 130, 90, 65, 45, 32, 20, 16, 14, 10 and 7 nm. Between two of them (40, 28 nm), log(factor) is linear
// in log(node) at the same supply; outside 180 .. 7 nm, the factor is extrapolated from the outermost two nodes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace capcam {

struct Technology {
  double node_nm = 45.0;
  double supply_v = 0.9;
};

// Both throw InputError where the fit has no meaning, because energy or delay would not be positive.
double energy_factor(const Technology& technology);
double delay_factor(const Technology& technology);
double area_factor(double node_nm);

// Returns "5 nm is extrapolated from 10 and 7 nm", that the fitted energy would grow as the supply falls, or nothing.
std::string extrapolation(const Technology& technology);

}  // namespace capcam
