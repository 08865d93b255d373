// The capacitive array as blocks of unit cards.
//
// Energies follow from the supply V (sensing.supply_v and its error). The array has R rows and W columns of cells of
// side p; o = 5/3 line_overhead is what the chain of inverters that drives a line, and what else hangs on it, take:
//
//   a cell matches or not, pairs of both     V times the charge of the cell circuit (kernels/cell_circuit.h; where
//                                            phases are too short for it, kernels/drawn_charge.h): of the published
//                                            cell C V^2 for each that does not match; sharing takes nothing
//   a search line rises    o R (2 gates + p wire) V^2         one of the pair of each used column rises and falls
//   a row shares charge    o 2 W (gate + p wire) V^2          its share line and its reset line switch
//   a row is programmed    o W (2 gates + p wire) V^2         its word line switches, log2(R) address bits are decoded
//   a bit is programmed    (o R (gate + p wire) + 2 gates) V^2  one of a pair of bit lines and the cell switch
//
// Drivers are as large as the lines they drive are long: of two search lines a column, share, reset and word line a
// row, two bit lines a column. A cell is as large as its transistors or its capacitor, whichever is more, and that is
// its side p; rings, straps and taps (array_overhead times the transistors) take area where the capacitor does not
// cover them. What is read by delays has other cells (cost/blocks/delay_blocks.h) and one line, which resets them, in
// the place of share and reset. A row is charged as one of `used` columns: of the last segment of a head that is no
// multiple of the columns, the small part that C_p takes, and pairs of coupling cells, are approximate.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "capcam/config.h"
#include "cost/blocks/blocks.h"
#include "cost/blocks/delay_blocks.h"

namespace capcam {

class ArrayBlocks {
 public:
  ArrayBlocks(const Blocks& blocks, const ArrayParams& array, const SensingParams& sensing,
              double used_columns = 0.0,  // 0: all
              const ClockParams& clock = {});

  Figure cell_area_um2() const { return cell_area_um2_; }
  // Each is a block of one array. Its operations:
  Block cells() const;          // match, mismatch, pair, write_row, write_bit
  Block search_lines() const;   // drive
  Block matchlines() const;     // share
  Block row_decoder() const;    // no operation of its own: write_row has its energy
  Block write_drivers() const;  // no operation of its own: write_bit has its energy

 private:
  DelayBlocks delays() const;
  Figure line_ff(double cells, double gates) const;  // the line passes `cells`, with `gates` at each
  Figure line_pj(double cells, double gates) const;  // its driver and overhead included
  Block drivers(double lines, double cells, double gates) const;
  Figure decode_pj() const;

  const Blocks& blocks_;
  ArrayParams array_;
  SensingParams sensing_;
  bool has_capacitors_;
  double supply_v_, used_columns_;
  Config timed_;  // all that the charge of a search depends on
  Figure cell_area_um2_, area_with_overhead_um2_, pitch_um_;
};

}  // namespace capcam
