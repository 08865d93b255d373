// What is read by delays (kind time_domain; kernels/delay_row.h) as blocks of unit cards. The supply V is that of the
// array, C_x a cell's cell_parasitic_ff and C_d its delay_capacitance_ff, d the used columns:
//
//   a cell matches              C_x V^2            the node of its inverter rises or falls, and is reset
//   a cell does not match       (C_x + C_d) V^2    with its load
//   a row is searched           W (gate + p wire) V^2    the line that resets its W cells
//   a conversion (of b bits)    (2^b - 1) C_d d / 2^b V^2 + d C_x V^2    the edge runs through the converter's
//   elements,
//                                                  and through the cells of a row that match and start it
//
// and what registers and adders take, which are the converter's parts. A cell has two logic bits more (its inverter,
// the switch of its load) and the load beside its transistors; so has an element of the converter.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "capcam/config.h"
#include "cost/blocks/blocks.h"

namespace capcam {

class DelayBlocks {
 public:
  DelayBlocks(const Blocks& blocks, const ArrayParams& array, const SensingParams& sensing, double used_columns);

  Figure cell_area_um2() const;
  Figure match_pj() const;
  Figure mismatch_pj() const;
  // Returns the chain of a converter and the row that starts it. Operation run: a conversion.
  Block chain() const;

 private:
  Figure load_area_um2(double capacitance_ff) const;
  Figure energy_pj(double capacitance_ff) const;

  const Blocks& blocks_;
  double columns_, used_columns_, elements_;
  double supply_v_, node_ff_, load_ff_, element_ff_;
};

// Returns the chain of a configuration's converter; an empty block whose operation run takes nothing if its kind does
// not read delays by equal elements.
Block delay_chain(const Blocks& blocks, const Config& config, double used_columns);

}  // namespace capcam
