// SPDX-License-Identifier: Apache-2.0
#include "cost/blocks/array_blocks.h"

#include <algorithm>
#include <cmath>

#include "capcam/error.h"
#include "config/conditions.h"

namespace capcam {
namespace {

constexpr double pj_per_fj = 1e-3;

Figure square_root(const Figure& figure) {
  return {std::sqrt(figure.value), std::sqrt(figure.low), std::sqrt(figure.high)};
}

void use_all(Block& block, const std::vector<const UnitCard*>& cards) {
  for (const UnitCard* card : cards) block.use(card);
}

// 2^b - 1 outputs of comparators or of a delay line become a number: full adders that count ones.
Block ones_counter(const Blocks& blocks, double bits, std::string operation) {
  const double adders = std::exp2(bits) - 1.0 - bits;
  Block block = blocks.adder(adders);
  block.operations.front().name = std::move(operation);
  return block;
}

Block flash(const Blocks& blocks, double bits) {
  const double comparators = std::exp2(bits) - 1.0;
  const Block encoder = ones_counter(blocks, bits, "encode");
  Block block;
  block.area_um2 = comparators * blocks.area_um2("comparator");
  use_all(block, blocks.cards("comparator"));
  block.contain(1.0, encoder);
  block.operations.push_back({"convert", comparators * blocks.energy_pj("comparator") + encoder.energy_pj("encode")});
  return block;
}

// A chain of 2^b - 1 delays of two gates, each sampled into a register.
Block time_to_digital(const Blocks& blocks, double bits) {
  const double stages = std::exp2(bits) - 1.0;
  const Block encoder = ones_counter(blocks, bits, "encode"), samples = blocks.registers(stages);
  const Block delays = blocks.multiplexer(2.0, stages);  // two gates each
  Block block;
  block.contain(1.0, delays).contain(1.0, samples).contain(1.0, encoder);
  block.operations.push_back(
      {"convert", delays.energy_pj("select") + samples.energy_pj("write") + encoder.energy_pj("encode")});
  return block;
}

// Energy of the measured part by the steps it resolves, area by the bits (it has a comparator a bit).
Block sar(const Blocks& blocks, double bits, ConverterSource source, double conversions_per_s) {
  const UnitCard& part = *blocks.cards("sar").front();
  const UnitCard& survey = *blocks.cards("converter_survey").front();
  Figure energy_pj = std::exp2(bits - part.converter.bits) * blocks.energy_pj("sar");
  Figure area_um2 = (bits / part.converter.bits) * blocks.area_um2("sar");
  Figure surveyed_pj = survey_energy_pj(survey.survey, bits, conversions_per_s);
  Figure surveyed_um2 = survey_area_um2(survey.survey, bits, conversions_per_s, blocks.technology().node_nm);
  const bool measured = source == ConverterSource::measured;
  Block block;
  block.area_um2 = measured ? spanning(area_um2, surveyed_um2) : spanning(surveyed_um2, area_um2);
  block.operations.push_back(
      {"convert", measured ? spanning(energy_pj, surveyed_pj) : spanning(surveyed_pj, energy_pj)});
  block.use(measured ? &part : &survey).use(measured ? &survey : &part);
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

ArrayBlocks::ArrayBlocks(const Blocks& blocks, const ArrayParams& array, const SensingParams& sensing)
    : blocks_(blocks), array_(array), sensing_(sensing), supply_v_(actual_supply_v(sensing.circuit)) {
  cell_area_um2_ = blocks.area_um2("cam_cell");
  if (has_capacitors()) {
    const Figure capacitor = Figure::exactly(sensing.circuit.cell_capacitance_ff) / blocks.density_ff_um2("capacitor");
    cell_area_um2_ = larger(cell_area_um2_, capacitor);
  }
  pitch_um_ = square_root(cell_area_um2_);
}

Figure ArrayBlocks::line_pj(double cells, double gates) const {
  const Figure a_cell_ff = gates * blocks_.capacitance_ff("gate") + pitch_um_ * blocks_.capacitance_ff("wire");
  return pj_per_fj * supply_v_ * supply_v_ * cells * a_cell_ff;
}

Block ArrayBlocks::cells() const {
  Block block;
  block.area_um2 = double{1} * array_.rows * array_.columns * cell_area_um2_;
  // The transistors leak, the capacitor above them does not.
  const Figure transistors = double{1} * array_.rows * array_.columns * blocks_.area_um2("cam_cell");
  block.leakage_mw = blocks_.leakage_mw("logic_leakage", transistors);
  const double charge_pj =
      has_capacitors() ? pj_per_fj * supply_v_ * supply_v_ * sensing_.circuit.cell_capacitance_ff : 0.0;
  const Figure inside = pj_per_fj * supply_v_ * supply_v_ * 2.0 * blocks_.capacitance_ff("gate");
  block.operations = {{"match", Figure::exactly(charge_pj)},
                      {"write_row", line_pj(array_.columns, 2.0)},
                      {"write_bit", line_pj(array_.rows, 1.0) + inside}};
  use_all(block, blocks_.cards("cam_cell"));
  if (has_capacitors()) use_all(block, blocks_.cards("capacitor"));
  use_all(block, blocks_.cards("gate"));
  use_all(block, blocks_.cards("wire"));
  use_all(block, blocks_.cards("logic_leakage"));
  return block;
}

// A driver: two inverters a line, of two gates each.
Block ArrayBlocks::search_lines() const {
  Block block = blocks_.multiplexer(2.0, 2.0 * 2.0 * array_.columns);
  block.operations = {{"drive", line_pj(array_.rows, 2.0)}};
  use_all(block, blocks_.cards("gate"));
  use_all(block, blocks_.cards("wire"));
  return block;
}

Block ArrayBlocks::matchlines() const {
  Block block = blocks_.multiplexer(2.0, 2.0 * 2.0 * array_.rows);
  const Figure edge = 2.0 * array_.columns * blocks_.energy_pj("logic_bit");
  block.operations = {{"share", has_capacitors() ? 2.0 * line_pj(array_.columns, 1.0) : edge}};
  use_all(block, blocks_.cards("gate"));
  use_all(block, blocks_.cards("wire"));
  return block;
}

Block converter_block(const Blocks& blocks, const SensingParams& sensing, ConverterSource source,
                      double conversions_per_s) {
  const double bits = sensing.bits;
  Block block;
  switch (sensing.kind) {
    case SensingKind::ideal:
      block.operations = {{"convert", {}}};
      return block;
    case SensingKind::sar:
      block = sar(blocks, bits, source, conversions_per_s);
      break;
    case SensingKind::flash:
      block = flash(blocks, bits);
      break;
    case SensingKind::time_domain:
      block = time_to_digital(blocks, bits);
      break;
    case SensingKind::ramp:
      block = blocks.registers(bits);  // the code is latched when the row crosses
      block.operations.front().name = "convert";
      block.area_um2 += blocks.area_um2("comparator");
      block.operations.push_back({"compare", blocks.energy_pj("comparator")});
      use_all(block, blocks.cards("comparator"));
      break;
  }
  block.leakage_mw = blocks.leakage_mw("logic_leakage", block.area_um2);
  use_all(block, blocks.cards("logic_leakage"));
  return block;
}

Block shared_reference(const Blocks& blocks, const SensingParams& sensing) {
  Block block;
  if (sensing.kind != SensingKind::ramp) return block;
  block.area_um2 = blocks.area_um2("ramp_step");
  block.leakage_mw = blocks.leakage_mw("logic_leakage", block.area_um2);
  block.operations = {{"ramp_step", blocks.energy_pj("ramp_step")}};
  block.cards = blocks.cards("ramp_step");
  return block;
}

}  // namespace capcam
