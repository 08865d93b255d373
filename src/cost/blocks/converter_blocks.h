// Converters as blocks of unit cards, made of the parts that a kind of converter lists (capcam/converter.h). A part is
// its unit's energy and area, but for those whose size the design decides (cost/blocks/converter_design.h):
//
//   comparator       comparator_block, times k: what speed costs
//   capacitor_dac    f C_s V^2 a conversion, f the switching scheme; area C_s / density, the same at every node
//   ladder           each comparator's input C_in settles to half an LSB in half of the conversion through at most R /
//   4
//                    of a ladder of resistance R, on for the conversion: V^2 T / R = C_in V^2 (b + 1) ln 2 / 2 each
//   ramp_step        the unit, and a step of V / 2^b on the inputs of all comparators it drives, through a buffer that
//                    takes as much again; area of that buffer by the capacitance it drives
//
// Rows that share a converter reach it over a multiplexer: a sampling switch a row, and drains of all of them on its
// input. All of it times converter_overhead, which is fitted to silicon (docs/silicon.md).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "capcam/config.h"
#include "capcam/converter.h"
#include "cost/blocks/blocks.h"
#include "cost/blocks/converter_design.h"

namespace capcam {

// The block is one converter. Its operations are convert, compare and ramp_step. Throws InputError for a part of an
// unknown unit. `kind` names the parts' owner in messages.
Block converter_block(const Blocks& blocks, const std::vector<ConverterPart>& parts, const ConverterDesign& design,
                      const std::string& kind);
// The block is what all converters of an array share: the parts that say so. It has the same operations.
Block shared_converter_block(const Blocks& blocks, const std::vector<ConverterPart>& parts,
                             const ConverterDesign& design, const std::string& kind);

// Returns the most decisions that a conversion makes one after another.
double decisions_of(const std::vector<ConverterPart>& parts);

// Replaces the energy and area of a converter of capacitors by those of the best that have been built, by the survey;
// never less than its comparator decides. Any other block stays as it is.
Block surveyed(const Blocks& blocks, const std::vector<ConverterPart>& parts, const ConverterDesign& design,
               Block block);

// Figures of a converter as good as the best that have been built, by the survey.
Figure survey_energy_pj(const ConverterSurvey& survey, double bits, double conversions_per_s);
Figure survey_area_um2(const ConverterSurvey& survey, double bits, double conversions_per_s, double node_nm);

}  // namespace capcam
