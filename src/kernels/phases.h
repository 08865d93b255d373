// The time of a search and what settles in it. A search takes array.search_cycles of the clock; precharge (or reset),
// evaluation, sharing and sampling are parts of it, one after another. With switches of resistance R in the cells, R_s
// of the converter's sampling capacitor C_s, a driver R_d of each search line, r_w ohm and c farads of search line per
// row, r ohm of matchline per column, d cells of C' (kernels/cell_circuit.h), C_w = C_p - C_s:
//
//   precharge   a cell through its switch      tau = R C', p-channel switches to the supply (discharge), n-channel ones
//                                              to ground (charge)
//   evaluation  the search line of row n of N rises after t_n = ln 2 [R_d N c + r_w c sum_k min(k, n)]   (Elmore,
//   1948),
//                                              driven by p-channel transistors
//               then a cell through its switch tau = R C', n-channel to ground (discharge), p-channel (charge)
//   sharing, sampling and all until a row is read: kernels/row_readings.h, through transmission gates
//
// A coupling cell has no sharing of its own: plates rise while the row shares, through transmission gates; evaluation
// and sharing are one. Its reset has tau = R (C + C_x).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "capcam/config.h"
#include "kernels/row_network.h"

namespace capcam {

struct PhaseTimes {
  double precharge_ns = 0.0, evaluation_ns = 0.0, sharing_ns = 0.0, sampling_ns = 0.0;
};
PhaseTimes phase_times(const Config& config);

// Time constants of a cell, at the configuration's supply, temperature and corner.
struct TimeConstants {
  double precharge_ns = 0.0;
  double evaluation_ns = 0.0;  // of coupling cells: by which their plates differ
};
TimeConstants time_constants(const Config& config);

// Returns the time until the search line has risen at a row of the array.
double search_line_delay_ns(const Config& config, std::uint32_t row);

// What has not settled of a cell before it shares its charge; nothing where sensing.settling is false.
struct Unsettled {
  double missing = 0.0;  // u of kernels/cell_circuit.h
  double left = 0.0;     // q
};
Unsettled unsettled(const Config& config, std::uint32_t row);

// Returns the capacitor that a converter samples on, C_s; it is a part of C_p.
double sampling_ff(const CircuitParams& circuit);

// Returns a row of `used` columns.
RowNetwork row_network(const Config& config, std::uint32_t used);

}  // namespace capcam
