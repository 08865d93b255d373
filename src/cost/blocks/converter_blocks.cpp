// SPDX-License-Identifier: Apache-2.0
#include "cost/blocks/converter_blocks.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>
#include <string_view>
#include <vector>

#include "capcam/error.h"
#include "core/nearest.h"

namespace capcam {
namespace {

using Spends = ConverterPart::Spends;

// A unit with the energy of one use.
struct Priced {
  Block block;
  Figure energy_pj;
};

bool is_made_of(const std::vector<ConverterPart>& parts, std::string_view unit) {
  return std::any_of(parts.begin(), parts.end(), [&](const ConverterPart& part) { return part.unit == unit; });
}

Priced counted(const Blocks& blocks, std::string_view unit) {
  Priced priced;
  priced.block.area_um2 = blocks.area_um2(unit);
  for (const UnitCard* card : blocks.cards(unit)) priced.block.use(card);
  priced.energy_pj = blocks.energy_pj(unit);
  return priced;
}

Priced comparator(const Blocks& blocks, const ConverterDesign& design, double decisions) {
  Priced priced;
  priced.block = comparator_block(blocks, design);
  priced.energy_pj = cost_of_speed(blocks, design, decisions) * priced.block.energy_pj("decide");
  return priced;
}

Priced capacitor_dac(const Blocks& blocks, const ConverterDesign& design) {
  Priced priced;
  priced.block.area_um2 = Figure::exactly(design.sampling_ff) / blocks.density_ff_um2("capacitor");
  for (const char* unit : {"capacitor_dac", "capacitor"}) {
    for (const UnitCard* card : blocks.cards(unit)) priced.block.use(card);
  }
  priced.energy_pj =
      pj_per_fj * design.sampling_ff * design.supply_v * design.supply_v * blocks.factor("capacitor_dac");
  return priced;
}

Priced ladder(const Blocks& blocks, const ConverterDesign& design) {
  Priced priced;
  priced.block.area_um2 = blocks.area_um2("ladder");
  for (const UnitCard* card : blocks.cards("ladder")) priced.block.use(card);
  const double settling = (design.bits + 1.0) * std::numbers::ln2 / 2.0;
  priced.energy_pj = pj_per_fj * settling * design.supply_v * design.supply_v * comparator_input_ff(blocks, design);
  return priced;
}

Priced ramp(const Blocks& blocks, const ConverterDesign& design) {
  Priced priced = counted(blocks, "ramp_step");
  const Figure load_ff = design.rows_per_reference * comparator_input_ff(blocks, design);
  const double step_v = design.full_scale_v / std::exp2(design.bits);
  priced.energy_pj += 2.0 * pj_per_fj * design.supply_v * step_v * load_ff;
  priced.block.area_um2 += blocks.driver(load_ff, design.supply_v).area_um2;
  return priced;
}

Priced price_of(const Blocks& blocks, const ConverterPart& part, const ConverterDesign& design, double decisions) {
  if (part.unit == "comparator") return comparator(blocks, design, decisions);
  if (part.unit == "capacitor_dac") return capacitor_dac(blocks, design);
  if (part.unit == "ladder") return ladder(blocks, design);
  if (part.unit == "ramp_step") return ramp(blocks, design);
  return counted(blocks, part.unit);
}

bool is_part(const Unit& unit) {
  const auto needs = [&](std::string_view quantity) { return unit.needs.find(quantity) != std::string_view::npos; };
  return unit.name == "capacitor_dac" || unit.name == "ladder" ||
         (needs("energy_pj") && needs("area_um2") && !needs("memory"));
}

// A converter may be made of units that have an energy and an area, and of those that its design sizes.
void check_part(const std::string& kind, const ConverterPart& part) {
  std::vector<std::string> known;
  for (const Unit& unit : units()) {
    if (!is_part(unit)) continue;
    known.emplace_back(unit.name);
    if (unit.name == part.unit) return;
  }
  const auto meant = nearest(part.unit, known);
  throw InputError(fmt::format("converter kind \"{}\": a part's unit must be one of {}, got \"{}\"{}", kind,
                               fmt::join(known, ", "), part.unit,
                               meant ? fmt::format(", did you mean \"{}\"?", *meant) : ""));
}

// A switch for each row that shares the converter; a selected row charges the drains of all.
Priced multiplexer(const Blocks& blocks, const ConverterDesign& design) {
  const double rows = design.rows_per_converter;
  if (rows <= 1.0) return {};
  Priced priced = counted(blocks, "sampling_switch");
  const Figure drains_ff = rows * blocks.capacitance_ff("gate");
  priced.energy_pj += pj_per_fj * design.supply_v * design.supply_v * drains_ff;
  priced.block.area_um2 = rows * priced.block.area_um2;
  for (const UnitCard* card : blocks.cards("gate")) priced.block.use(card);
  return priced;
}

Block block_of(const Blocks& blocks, const std::vector<ConverterPart>& parts, const ConverterDesign& design,
               const std::string& kind, bool shared) {
  const double decisions = decisions_of(parts);
  Block block;
  Figure convert, compare, step;
  for (const ConverterPart& part : parts) {
    check_part(kind, part);
    if (part.shared != shared) continue;
    const Priced priced = price_of(blocks, part, design, decisions);
    block.contain(part.count, priced.block);
    const Figure energy_pj = part.count * part.uses * priced.energy_pj;
    switch (part.spends) {
      case Spends::each_conversion:
        convert += energy_pj;
        break;
      case Spends::each_comparison:
        compare += energy_pj;
        break;
      case Spends::each_step:
        step += energy_pj;
        break;
    }
  }
  if (!shared && !parts.empty()) {
    const Priced rows = multiplexer(blocks, design);
    block.contain(1.0, rows.block);
    convert += rows.energy_pj;
  }
  const Figure overhead = blocks.factor("converter_overhead");
  block.operations = {{"convert", overhead * convert}, {"compare", overhead * compare}, {"ramp_step", overhead * step}};
  if (block.cards.empty()) return block;
  block.area_um2 = blocks.factor_of_area("converter_overhead") * block.area_um2;
  block.leakage_mw = blocks.leakage_mw("logic_leakage", block.area_um2);
  for (const char* unit : {"converter_overhead", "logic_leakage"}) {
    for (const UnitCard* card : blocks.cards(unit)) block.use(card);
  }
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

double decisions_of(const std::vector<ConverterPart>& parts) {
  double decisions = 1.0;
  for (const ConverterPart& part : parts) {
    if (part.unit == "comparator" && part.spends == Spends::each_conversion) decisions = std::max(decisions, part.uses);
  }
  return decisions;
}

Block converter_block(const Blocks& blocks, const std::vector<ConverterPart>& parts, const ConverterDesign& design,
                      const std::string& kind) {
  return block_of(blocks, parts, design, kind, false);
}

Block shared_converter_block(const Blocks& blocks, const std::vector<ConverterPart>& parts,
                             const ConverterDesign& design, const std::string& kind) {
  return block_of(blocks, parts, design, kind, true);
}

Block surveyed(const Blocks& blocks, const std::vector<ConverterPart>& parts, const ConverterDesign& design,
               Block block) {
  if (!is_made_of(parts, "capacitor_dac")) return block;
  const UnitCard& card = *blocks.cards("converter_survey").front();
  const double per_s = 1e9 / design.conversion_ns;
  const Figure surveyed_pj = survey_energy_pj(card.survey, design.bits, per_s);
  const Figure decided_pj = decisions_of(parts) * comparator_block(blocks, design).energy_pj("decide");
  for (Block::Operation& operation : block.operations) {
    if (operation.name == "convert") operation.energy_pj = larger(surveyed_pj, decided_pj);
  }
  block.area_um2 = survey_area_um2(card.survey, design.bits, per_s, blocks.technology().node_nm);
  block.leakage_mw = blocks.leakage_mw("logic_leakage", block.area_um2);
  return block.use(&card);
}

}  // namespace capcam
