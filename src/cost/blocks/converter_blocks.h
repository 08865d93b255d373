// Converters as blocks of unit cards, made of the parts that a kind of converter lists (capcam/converter.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "capcam/config.h"
#include "capcam/converter.h"
#include "cost/blocks/blocks.h"

namespace capcam {

// The block is one converter, which must reach conversions_per_s. Its operations are convert and compare. Throws
// InputError for a part of an unknown unit.
Block converter_block(const Blocks& blocks, const SensingParams& sensing, ConverterSource source,
                      double conversions_per_s);
// The block that all converters of an array share. Its operation is ramp_step.
Block shared_reference(const Blocks& blocks, const SensingParams& sensing);

// Returns the card of a whole converter among the parts, or null. Its rate limits what it can price.
const UnitCard* whole_converter(const Blocks& blocks, const SensingParams& sensing);

// Figures of a converter as good as the best that have been built, by the survey.
Figure survey_energy_pj(const ConverterSurvey& survey, double bits, double conversions_per_s);
Figure survey_area_um2(const ConverterSurvey& survey, double bits, double conversions_per_s, double node_nm);

}  // namespace capcam
