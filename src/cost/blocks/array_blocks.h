// The capacitive array as blocks of unit cards.
//
// Energies follow from the supply V (sensing.supply_v and its error). The array has R rows and W columns of cells of
// side p:
//
//   a cell matches or not, pairs of both     V times the charge of the cell circuit (kernels/cell_circuit.h; where
//   phases
//                                            are too short for it, kernels/drawn_charge.h): of the published cell C V^2
//                                            for each that does not match; sharing takes nothing
//   a search line rises    R (2 gates + p wire) V^2           one of the pair of each used column rises and falls
//   a row shares charge    2 W (gate + p wire) V^2            its share line and its reset line switch
//   a row is programmed    W (2 gates + p wire) V^2           its word line switches
//   a bit is programmed    (R (gate + p wire) + 2 gates) V^2  one of a pair of bit lines and the cell switch
//
// A cell is as large as its transistors or its capacitor, whichever is more. What is read by delays has other cells
// (cost/blocks/delay_blocks.h) and one line, which resets them, in the place of the two. A row is charged as one of
// `used` columns: of the last segment of a head that is no multiple of the columns, the small part that C_p takes, and
// pairs of coupling cells, are approximate.
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
  Block cells() const;         // match, mismatch, pair, write_row, write_bit
  Block search_lines() const;  // drive
  Block matchlines() const;    // share

 private:
  DelayBlocks delays() const;
  Figure line_pj(double cells, double gates) const;  // the line passes `cells`, with `gates` at each

  const Blocks& blocks_;
  ArrayParams array_;
  SensingParams sensing_;
  bool has_capacitors_;
  double supply_v_, used_columns_;
  Config timed_;  // all that the charge of a search depends on
  Figure cell_area_um2_, pitch_um_;
};

}  // namespace capcam
