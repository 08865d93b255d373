// The capacitive array and its converters as blocks of unit cards.
//
// Energies follow from the supply V (sensing.supply_v and its error). The array has R rows and W columns of cells of
// side p:
//
//   a cell matches         C V^2                              its capacitor is charged; sharing itself takes nothing
//   a search line rises    R (2 gates + p wire) V^2           one of the pair of each used column rises and falls
//   a row shares charge    2 W (gate + p wire) V^2            its share line and its reset line switch
//   (kind time_domain)     2 W logic bits                     an edge passes two gates per cell instead
//   a row is programmed    W (2 gates + p wire) V^2           its word line switches
//   a bit is programmed    (R (gate + p wire) + 2 gates) V^2  one of a pair of bit lines and the cell switch
//
// A cell is as large as its transistors or its capacitor, whichever is more. A row of m matches takes m C V^2
// (kernels/matchline.h); kind time_domain has no capacitors.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "capcam/config.h"
#include "cost/blocks/blocks.h"

namespace capcam {

class ArrayBlocks {
 public:
  ArrayBlocks(const Blocks& blocks, const ArrayParams& array, const SensingParams& sensing);

  Figure cell_area_um2() const { return cell_area_um2_; }
  // Each is a block of one array. Its operations:
  Block cells() const;         // match, write_row, write_bit
  Block search_lines() const;  // drive
  Block matchlines() const;    // share

 private:
  bool has_capacitors() const { return sensing_.kind != SensingKind::time_domain; }
  Figure line_pj(double cells, double gates) const;  // the line passes `cells`, with `gates` at each

  const Blocks& blocks_;
  ArrayParams array_;
  SensingParams sensing_;
  double supply_v_;
  Figure cell_area_um2_, pitch_um_;
};

// The block is one converter, which must reach conversions_per_s. Operations: convert, and compare for kind ramp.
Block converter_block(const Blocks& blocks, const SensingParams& sensing, ConverterSource source,
                      double conversions_per_s);
// The converters of an array of kind ramp share a reference (operation ramp_step); other kinds share nothing.
Block shared_reference(const Blocks& blocks, const SensingParams& sensing);

// Figures of a SAR converter as good as the best that have been built, by the survey.
Figure survey_energy_pj(const ConverterSurvey& survey, double bits, double conversions_per_s);
Figure survey_area_um2(const ConverterSurvey& survey, double bits, double conversions_per_s, double node_nm);

}  // namespace capcam
