// Converters as blocks of unit cards: the parts that a kind of converter says it is made of (capcam/converter.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "capcam/config.h"
#include "capcam/converter.h"
#include "cost/blocks/blocks.h"

namespace capcam {

// One converter: convert, compare. `conversions_per_s`: how fast it must be. Throws InputError for a part of an unknown
// unit.
Block converter_block(const Blocks& blocks, const SensingParams& sensing, ConverterSource source,
                      double conversions_per_s);
// What all converters of an array share: ramp_step.
Block shared_reference(const Blocks& blocks, const SensingParams& sensing);

// The card of a whole converter among the parts, if there is one: its rate limits what it can price.
const UnitCard* whole_converter(const Blocks& blocks, const SensingParams& sensing);

// Of a converter by the survey: the best that were built.
Figure survey_energy_pj(const ConverterSurvey& survey, double bits, double conversions_per_s);
Figure survey_area_um2(const ConverterSurvey& survey, double bits, double conversions_per_s, double node_nm);

}  // namespace capcam
