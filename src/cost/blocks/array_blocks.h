// The capacitive array as blocks of unit cards.
//
// Energies from the supply V (sensing.supply_v and its error) of one array of R rows and W columns, cells of side p:
//
//   a cell that matches    C V^2                           its capacitor is charged before sharing; sharing takes
//   nothing a search line rises    R (2 gates + p wire) V^2        one of the pair of each used column, back to zero
//   afterwards a row shares charge    2 W (gate + p wire) V^2         its share and its reset line; read by delays:
//   an edge passes
//                                                          two gates a cell instead
//   a row is programmed    W (2 gates + p wire) V^2        its word line
//   a bit is programmed    (R (gate + p wire) + 2 gates) V^2   one of a pair of bit lines, and the cell
//
// A cell is as large as its transistors or its capacitor, whichever is more. A row of m matches takes m C V^2
// (kernels/matchline.h); an array that is read by delays has no capacitors.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "capcam/config.h"
#include "cost/blocks/blocks.h"

namespace capcam {

class ArrayBlocks {
 public:
  ArrayBlocks(const Blocks& blocks, const ArrayParams& array, const SensingParams& sensing);

  Figure cell_area_um2() const { return cell_area_um2_; }
  Block cells() const;         // of one array: match, write_row, write_bit
  Block search_lines() const;  // of one array: drive
  Block matchlines() const;    // of one array: share

 private:
  Figure line_pj(double cells, double gates) const;  // a line along so many cells with so many gates each

  const Blocks& blocks_;
  ArrayParams array_;
  SensingParams sensing_;
  bool has_capacitors_;
  double supply_v_;
  Figure cell_area_um2_, pitch_um_;
};

}  // namespace capcam
