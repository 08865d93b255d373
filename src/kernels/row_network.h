// The charge of a row on its way through resistances: d equal cells, each on a node of the matchline by its switch R,
// nodes of capacitance c joined by wire r, and the sampling capacitor C_s on node 0 by its switch R_s.
//
//   C_s --R_s-- node 0 --r-- node 1 --r-- ... node d - 1            a cell: node --R-- C'         (charge is shared)
//                 |            |               |                       or: node --C-- plate --R-- source, C_x on the
//               c, cell      c, cell         c, cell                       plate                  (coupling)
//
// The network is linear. With q the charges of its capacitors after a time t, Q(s) their Laplace transform,
//
//   q(t) = 1 / (2 pi i) integral of e^(s t) Q(s) ds  =  2 Re sum over k of u_k Q(z_k / t) / t,
//
// the integral along a contour around the negative real axis, where all poles of such a network are, by the midpoint
// rule (Talbot's contour as Trefethen, Weideman and Schmelzer chose it, BIT 46, 2006: an error of 3.9^-2K for K points,
// whatever the time constants). At each s the ladder is reduced from its far end to node 0 and solved back, like a row
// of Norton sources; resistances and capacitances may be 0. A step costs K d complex divisions.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace capcam {

inline constexpr double ns_per_kohm_ff = 1e-3;

// kOhm and fF; times are in ns.
struct RowNetwork {
  std::uint32_t cells = 1;
  bool couples = false;
  double cell_ff = 0.0;   // C', of coupling cells C
  double plate_ff = 0.0;  // C_x of coupling cells
  double switch_kohm = 0.0, wire_kohm = 0.0, node_ff = 0.0;
  double sampling_ff = 0.0, sampling_kohm = 0.0;
};

// The switches that are closed for a time.
struct NetworkStep {
  double time_ns = 0.0;
  bool cells = true;    // the cells' own
  bool samples = true;  // the sampling capacitor's
};

// Charges of cells (of plates, of coupling cells), nodes and the sampling capacitor, in any unit.
struct RowCharges {
  std::vector<double> cells, nodes;
  double sampled = 0.0;
};

// Lets charges flow for a step. A coupling cell's source is at 0.
void flow(const RowNetwork& network, const NetworkStep& step, RowCharges& charges);

// Returns the time constant with which cells share with the matchline, as one capacitor behind a third of the wire; the
// network itself has many.
double sharing_time_constant_ns(const RowNetwork& network);

// Returns what the voltage of the sampling capacitor (of node 0, if it has none) has of each cell's after these steps:
// it is sum_i w_i V_i, V_i the voltage that cell i had before (of coupling cells, by which its source has stepped),
// matchline and sampling capacitor at 0. By reciprocity w_i is the charge that cell i has after the steps in reverse,
// from a charge of 1 at the end.
std::vector<double> read_weights(const RowNetwork& network, std::span<const NetworkStep> steps);

}  // namespace capcam
