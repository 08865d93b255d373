// SPDX-License-Identifier: Apache-2.0
#include "cost/circuit_cards.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "capcam/converter.h"
#include "config/conditions.h"
#include "cost/blocks/array_blocks.h"
#include "cost/blocks/blocks.h"
#include "cost/component_price.h"

namespace capcam {
namespace {

// Returns the comparators of a converter by its parts, at least one.
double comparators_of(const Converter& converter) {
  double comparators = 1.0;
  for (const ConverterPart& part : converter.parts()) {
    if (part.unit == "comparator") comparators = std::max(comparators, part.count);
  }
  return comparators;
}

void fill(std::optional<double>& key, double value) {
  if (!key) key = value;
}

}  // namespace

bool needs_circuit_cards(const Config& config) {
  const CircuitParams& c = config.sensing.circuit;
  return !c.cell_parasitic_ff || !c.matchline_ohm_per_column || !c.search_line_ohm_per_row ||
         !c.search_line_ff_per_row || !c.sampling_capacitance_ff || !c.matchline_capacitance_ff;
}

Config with_circuit_cards(const Config& config, const CardLibrary& library) {
  if (library.circuit.empty() || !needs_circuit_cards(config)) return config;
  Config filled = config;
  CircuitParams& c = filled.sensing.circuit;
  const Blocks blocks(library.circuit, technology_of(config));
  const std::unique_ptr<const Converter> converter = make_converter(config.sensing);
  const double pitch_um = std::sqrt(ArrayBlocks(blocks, config.array, config.sensing).cell_area_um2().value);
  const double gate_ff = blocks.capacitance_ff("gate").value, wire_ff = pitch_um * blocks.capacitance_ff("wire").value;
  const double wire_ohm = pitch_um * blocks.resistance_ohm("wire").value;
  const bool delays = converter->input() == ConverterInput::delay;
  fill(c.cell_parasitic_ff, delays ? 5.0 * drive_widths(c) * gate_ff + wire_ff : 3.0 * gate_ff);
  fill(c.matchline_ohm_per_column, wire_ohm);
  fill(c.search_line_ohm_per_row, wire_ohm);
  fill(c.search_line_ff_per_row, 2.0 * gate_ff + wire_ff);
  if (!c.sampling_capacitance_ff && converter->samples())
    c.sampling_capacitance_ff =
        std::min(std::exp2(config.sensing.bits) * blocks.capacitance_ff("sampling_element").value,
                 c.matchline_capacitance_ff.value_or(std::numeric_limits<double>::infinity()));
  fill(c.sampling_capacitance_ff, 0.0);
  const double input_ff =
      *c.sampling_capacitance_ff + (converter->samples() ? 0.0 : 2.0 * comparators_of(*converter) * gate_ff);
  fill(c.matchline_capacitance_ff, config.array.columns * (gate_ff + wire_ff) + gate_ff + input_ff);
  return filled;
}

}  // namespace capcam
