// SPDX-License-Identifier: Apache-2.0
#include "cost/blocks/converter_design.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>

#include "capcam/converter.h"
#include "config/conditions.h"

namespace capcam {
namespace {

constexpr double decision_delays = 6.0, fastest = 5.0;
constexpr double smallest_pair_squares = 10.0, layout = 3.0;

double smallest_pair_um2(const Blocks& blocks) {
  const double node_um = blocks.technology().node_nm * 1e-3;
  return smallest_pair_squares * node_um * node_um;
}

Figure squared(const Figure& figure) { return figure * figure; }

// Gates of one transistor of a pair of this offset, beyond the smallest.
Figure pair_um2(const Blocks& blocks, double offset_mv) {
  const double smallest = smallest_pair_um2(blocks);
  const Figure area = (1.0 / (offset_mv * offset_mv)) * squared(blocks.mismatch_mv_um());
  return {std::max(0.0, area.value - smallest), std::max(0.0, area.low - smallest),
          std::max(0.0, area.high - smallest)};
}

// What the comparator has beside the smallest one.
struct Sized {
  Figure capacitance_ff, area_um2;
};

Sized pair(const Blocks& blocks, double offset_mv) {
  const Figure each = pair_um2(blocks, offset_mv);
  return {2.0 * (each * blocks.gate_ff_um2()), 2.0 * layout * each};
}

Sized trim(const Blocks& blocks, double offset_mv) {
  const double smallest_mv = blocks.mismatch_mv_um().value / std::sqrt(smallest_pair_um2(blocks));
  const double bits = std::max(0.0, std::ceil(std::log2(6.0 * smallest_mv / offset_mv)));
  if (bits == 0.0) return {};
  return {std::exp2(bits) * blocks.capacitance_ff("gate"),
          blocks.registers(bits).area_um2 + std::exp2(bits) * (blocks.capacitance_ff("gate") / blocks.gate_ff_um2())};
}

// An error that is off is as large as quantization.
double or_quantization(double error_mv, const ConverterDesign& design) {
  return error_mv > 0.0 ? error_mv : design.lsb_mv() / std::sqrt(12.0);
}

Sized against_offset(const Blocks& blocks, const ConverterDesign& design) {
  const double offset_mv = or_quantization(design.offset_mv, design);
  const Sized larger = pair(blocks, offset_mv), trimmed = trim(blocks, offset_mv);
  return larger.capacitance_ff.value <= trimmed.capacitance_ff.value ? larger : trimmed;
}

Figure against_noise_ff(const Blocks& blocks, const ConverterDesign& design) {
  const double noise_mv = or_quantization(design.noise_mv, design);
  CircuitParams at;
  at.temperature_c = design.temperature_c;
  const double ff_mv2 = boltzmann * kelvin(at) * 1e15 * 1e6;
  return ff_mv2 / (noise_mv * noise_mv) * blocks.factor("comparator_noise");
}

// A kind whose time depends on codes decides once a step.
std::uint64_t cycles_of_a_conversion(const SensingParams& sensing) {
  const std::unique_ptr<const Converter> converter = make_converter(sensing);
  if (converter->time_depends_on_codes()) return sensing.ramp_step_cycles;
  return std::max<std::uint64_t>(converter->convert({.rows = 1}).cycles, 1);
}

}  // namespace

double ConverterDesign::lsb_mv() const { return full_scale_v * 1e3 / std::exp2(bits); }

ConverterDesign converter_design(const Config& c) {
  const CircuitParams& circuit = c.sensing.circuit;
  const double cells_ff = c.array.columns * circuit.cell_capacitance_ff;
  ConverterDesign design;
  design.bits = c.sensing.bits;
  design.supply_v = actual_supply_v(circuit);
  design.full_scale_v = design.supply_v;
  if (circuit.reference == Reference::calibrated)
    design.full_scale_v *= cells_ff / (cells_ff + circuit.matchline_capacitance_ff.value_or(0.0));
  design.noise_mv = circuit.comparator_noise_mv;
  design.offset_mv = circuit.offset_mismatch_mv;
  design.sampling_ff = circuit.sampling_capacitance_ff.value_or(0.0);
  design.conversion_ns = static_cast<double>(cycles_of_a_conversion(c.sensing)) / c.clock.frequency_ghz;
  design.rows_per_converter = std::min<double>(c.sensing.rows_per_converter, c.array.rows);
  design.rows_per_reference = std::ceil(c.array.rows / design.rows_per_converter);
  design.temperature_c = circuit.temperature_c;
  return design;
}

double least_conversion_ns(const Blocks& blocks, double decisions) {
  const double delays = decisions > 1.0 ? 2.0 * decision_delays * (decisions + 1.0) : decision_delays;
  return 1e-3 * delays * gate_delay_ps(blocks.technology());
}

double cost_of_speed(const Blocks& blocks, const ConverterDesign& design, double decisions) {
  const double share = least_conversion_ns(blocks, decisions) / design.conversion_ns;
  return share >= 1.0 - 1.0 / fastest ? fastest : 1.0 / (1.0 - share);
}

Block comparator_block(const Blocks& blocks, const ConverterDesign& design) {
  const Sized offset = against_offset(blocks, design);
  const Figure noise_ff = against_noise_ff(blocks, design);
  const double v = blocks.technology().supply_v;
  Block block;
  block.area_um2 = blocks.area_um2("comparator") + offset.area_um2 + layout * (noise_ff / blocks.gate_ff_um2());
  block.leakage_mw = blocks.leakage_mw("logic_leakage", block.area_um2);
  block.operations = {
      {"decide", blocks.energy_pj("comparator") + pj_per_fj * v * v * (noise_ff + offset.capacitance_ff)}};
  for (const char* unit : {"comparator", "comparator_noise", "transistor_pair", "gate", "logic_leakage"}) {
    for (const UnitCard* card : blocks.cards(unit)) block.use(card);
  }
  return block;
}

Figure comparator_input_ff(const Blocks& blocks, const ConverterDesign& design) {
  const Figure smallest = smallest_pair_um2(blocks) * blocks.gate_ff_um2();
  return smallest + 0.5 * against_offset(blocks, design).capacitance_ff;
}

}  // namespace capcam
