// The time of a search and what settles in it. A search takes array.search_cycles of the clock; precharge (or reset),
// evaluation, sharing and sampling are parts of it, one after another. With switches of resistance R in the cells, R_s
// of the converter's sampling capacitor C_s, a driver R_d of each search line, r_w ohm and c farads of search line per
// row, r ohm of matchline per column, d cells of C' (kernels/cell_circuit.h), C_w = C_p - C_s:
//
//   precharge   a cell through its switch      tau = R C'
//   evaluation  the search line of row n of N rises after t_n = ln 2 [R_d N c + r_w c sum_k min(k, n)]   (Elmore, 1948)
//               then a cell through its switch tau = R C'
//   sharing     the cells fill the matchline   tau = (R / d + r d / 3) d C' C_w / (d C' + C_w)
//               and level out along it         kernels/matchline_ladder.h
//   sampling    the row fills C_s, which was reset; cells, matchline and C_s behind R / d + r d / 3 and R_s are three
//               capacitors with two time constants, solved exactly; the slower is near (R_s + R / d + r d / 3) times
//               C_s and the row in series
//
// R / d + r d / 3 is the row as its end sees it at low frequency: a distributed line of resistance r d and the
// capacitance of its cells is that capacitance behind a third of the resistance (z = 1/(s C) + R/3 + ...). A coupling
// cell has no sharing of its own: plates rise through R and the matchline is at V (1 - exp(-t / tau)), tau = R C C_p /
// (d C + C_p), exactly; evaluation and sharing are one. Its reset has tau = R C'.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "capcam/config.h"

namespace capcam {

struct PhaseTimes {
  double precharge_ns = 0.0, evaluation_ns = 0.0, sharing_ns = 0.0, sampling_ns = 0.0;
};
PhaseTimes phase_times(const Config& config);

// Time constants for a row of `used` columns, at the configuration's supply, temperature and corner.
struct TimeConstants {
  double cell_ns = 0.0, sharing_ns = 0.0, sampling_ns = 0.0;
};
TimeConstants time_constants(const Config& config, std::uint32_t used_columns);

// Returns the time until the search line has risen at a row of the array.
double search_line_delay_ns(const Config& config, std::uint32_t row);

// What has settled in a row; all of it where sensing.settling is false.
struct Settled {
  double missing = 0.0;  // u of kernels/cell_circuit.h
  double left = 0.0;     // q
  double sampled = 1.0;  // part of the settled row's voltage that the converter has
};
Settled settled(const Config& config, std::uint32_t used_columns, std::uint32_t row);

}  // namespace capcam
