// SPDX-License-Identifier: Apache-2.0
#include "cost/blocks/converter_blocks.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "capcam/error.h"
#include "core/nearest.h"

namespace capcam {
namespace {

using Spends = ConverterPart::Spends;

// Area and cards of a number of units, with the energy they spend together.
struct Priced {
  Block block;
  Figure energy_pj;
};

// A unit that is a converter of another resolution: its energy grows with the steps it resolves, its area with the bits
// (it has a comparator per bit). The survey is the other source of the interval.
Priced resolved(const Blocks& blocks, const ConverterPart& part, ConverterSource source, double conversions_per_s) {
  const UnitCard& card = *blocks.cards(part.unit).front();
  const UnitCard& survey = *blocks.cards("converter_survey").front();
  const double bits = part.resolution_bits.value();
  const Figure energy_pj = std::exp2(bits - card.converter.bits) * blocks.energy_pj(part.unit);
  const Figure area_um2 = (bits / card.converter.bits) * blocks.area_um2(part.unit);
  const Figure surveyed_pj = survey_energy_pj(survey.survey, bits, conversions_per_s);
  const Figure surveyed_um2 = survey_area_um2(survey.survey, bits, conversions_per_s, blocks.technology().node_nm);
  const bool measured = source == ConverterSource::measured;
  Priced priced;
  priced.block.area_um2 = part.count * (measured ? spanning(area_um2, surveyed_um2) : spanning(surveyed_um2, area_um2));
  priced.block.use(measured ? &card : &survey).use(measured ? &survey : &card);
  priced.energy_pj = part.count * (measured ? spanning(energy_pj, surveyed_pj) : spanning(surveyed_pj, energy_pj));
  return priced;
}

Priced counted(const Blocks& blocks, const ConverterPart& part) {
  Priced priced;
  priced.block.area_um2 = part.count * blocks.area_um2(part.unit);
  for (const UnitCard* card : blocks.cards(part.unit)) priced.block.use(card);
  priced.energy_pj = part.count * blocks.energy_pj(part.unit);
  return priced;
}

bool needs(const Unit& unit, std::string_view quantity) { return unit.needs.find(quantity) != std::string_view::npos; }

// A converter may be made of units that have an energy and an area; a whole converter's card states its resolution.
void check_part(const SensingParams& sensing, const ConverterPart& part) {
  std::vector<std::string> known;
  for (const Unit& unit : units()) {
    if (!needs(unit, "energy_pj") || !needs(unit, "area_um2") || needs(unit, "memory")) continue;
    known.emplace_back(unit.name);
    if (unit.name != part.unit) continue;
    if (needs(unit, "converter") == part.resolution_bits.has_value()) return;
    throw InputError(fmt::format("converter kind \"{}\": a part of unit \"{}\" {} resolution_bits", sensing.kind,
                                 part.unit, needs(unit, "converter") ? "must state its" : "has no"));
  }
  const auto meant = nearest(part.unit, known);
  throw InputError(fmt::format("converter kind \"{}\": a part's unit must be one of {}, got \"{}\"{}", sensing.kind,
                               fmt::join(known, ", "), part.unit,
                               meant ? fmt::format(", did you mean \"{}\"?", *meant) : ""));
}

Block block_of(const Blocks& blocks, const SensingParams& sensing, bool shared, ConverterSource source,
               double conversions_per_s) {
  Block block;
  Figure convert, compare, step;
  for (const ConverterPart& part : make_converter(sensing)->parts()) {
    check_part(sensing, part);
    if (part.shared != shared) continue;
    const Priced priced =
        part.resolution_bits ? resolved(blocks, part, source, conversions_per_s) : counted(blocks, part);
    block.contain(1.0, priced.block);
    switch (part.spends) {
      case Spends::each_conversion:
        convert += priced.energy_pj;
        break;
      case Spends::each_comparison:
        compare += priced.energy_pj;
        break;
      case Spends::each_step:
        step += priced.energy_pj;
        break;
    }
  }
  block.operations = {{"convert", convert}, {"compare", compare}, {"ramp_step", step}};
  if (block.cards.empty()) return block;
  block.leakage_mw = blocks.leakage_mw("logic_leakage", block.area_um2);
  for (const UnitCard* card : blocks.cards("logic_leakage")) block.use(card);
  return block;
}

}  // namespace

Figure survey_energy_pj(const ConverterSurvey& s, double bits, double conversions_per_s) {
  const double fom_db = std::min(s.fom_best_db, s.fom_at_1hz_db - s.fom_slope_db * std::log(conversions_per_s));
  const double sndr_db = 6.02 * bits + 1.76;
  return Figure::exactly(0.5 * std::pow(10.0, (sndr_db - fom_db) / 10.0) * 1e12);
}

Figure survey_area_um2(const ConverterSurvey& s, double bits, double conversions_per_s, double node_nm) {
  const double energy_pj = survey_energy_pj(s, bits, conversions_per_s).value;
  return Figure::exactly(std::exp(s.area_0 + s.area_rate * std::log(conversions_per_s) +
                                  s.area_node * std::log(node_nm) + s.area_bits * bits +
                                  s.area_energy * std::log(energy_pj)));
}

Block converter_block(const Blocks& blocks, const SensingParams& sensing, ConverterSource source,
                      double conversions_per_s) {
  return block_of(blocks, sensing, false, source, conversions_per_s);
}

Block shared_reference(const Blocks& blocks, const SensingParams& sensing) {
  return block_of(blocks, sensing, true, ConverterSource::measured, 1.0);
}

const UnitCard* whole_converter(const Blocks& blocks, const SensingParams& sensing) {
  for (const ConverterPart& part : make_converter(sensing)->parts()) {
    if (part.resolution_bits) return blocks.cards(part.unit).front();
  }
  return nullptr;
}

}  // namespace capcam
