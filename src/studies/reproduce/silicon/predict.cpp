// SPDX-License-Identifier: Apache-2.0
#include "studies/reproduce/silicon/predict.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cost/blocks/array_blocks.h"
#include "cost/blocks/converter_blocks.h"
#include "cost/circuit_cards.h"
#include "cost/component_price.h"
#include "kernels/converters/kinds.h"

namespace capcam::silicon {
namespace {

constexpr double mm2_per_um2 = 1e-6;
// What is assumed of a row that does not say: unit capacitors of published macros are 1 to 4 fF; arrays of a few
// hundred rows; a conversion with time enough, in a macro half of its cycle.
constexpr double usual_capacitance_ff = 1.5, usual_matchlines = 128.0, usual_cells = 128.0, usual_bits = 6.0,
                 time_enough_ns = 1000.0, part_of_cycle = 0.5;

class Assumptions {
 public:
  explicit Assumptions(std::vector<std::string>& texts) : texts_(texts) {}
  double number(const std::optional<double>& given, double usual, const char* what) {
    if (!given) texts_.push_back(fmt::format("{} {:.3g}", what, usual));
    return given.value_or(usual);
  }

 private:
  std::vector<std::string>& texts_;
};

// A row of a macro as a machine: what its blocks depend on.
struct Machine {
  Config config;  // circuit keys filled in
  MacroConverter converter = MacroConverter::sar;
  double matchlines = 1.0, cells = 1.0, bits = 1.0, converters = 1.0, conversion_ns = 1.0;
};

Machine machine_of(const Macro& m, const UnitCards& units, std::vector<std::string>& assumed) {
  Assumptions take(assumed);
  Machine machine;
  Config& c = machine.config;
  c.cost.node_nm = m.node_nm;
  c.cost.supply_v = take.number(m.supply_v, nominal_supply_v(m.node_nm), "supply_v");
  const bool array = m.kind != MacroKind::converter;
  machine.matchlines = array ? take.number(m.matchlines, usual_matchlines, "matchlines") : 1.0;
  machine.cells = array ? take.number(m.cells_per_matchline, usual_cells, "cells_per_matchline") : 1.0;
  machine.converter =
      m.converter.value_or(m.kind == MacroKind::digital_cam ? MacroConverter::sense : MacroConverter::sar);
  if (!m.converter) assumed.emplace_back(m.kind == MacroKind::digital_cam ? "converter sense" : "converter sar");
  machine.bits =
      machine.converter == MacroConverter::sense ? 1.0 : take.number(m.converter_bits, usual_bits, "converter_bits");
  machine.converters = m.converters.value_or(machine.matchlines);
  machine.conversion_ns = m.cycle_ns ? *m.cycle_ns * (array ? part_of_cycle : 1.0) : time_enough_ns;
  c.array.rows = static_cast<std::uint32_t>(std::lround(machine.matchlines));
  c.array.columns = static_cast<std::uint32_t>(std::lround(machine.cells));
  c.sensing.kind = machine.converter == MacroConverter::sar ? "sar" : "flash";
  c.sensing.bits = static_cast<std::uint32_t>(std::max(1.0, std::round(machine.bits)));
  CircuitParams& circuit = c.sensing.circuit;
  circuit.supply_v = c.cost.supply_v;
  circuit.cell_circuit = m.cell_circuit;
  // A CAM without sharing has no capacitors: one that fits above its transistors adds no area, and is not charged.
  circuit.cell_capacitance_ff = m.kind == MacroKind::charge_cim
                                    ? take.number(m.cell_capacitance_ff, usual_capacitance_ff, "cell_capacitance_ff")
                                    : 1e-3;
  CardLibrary library;
  library.circuit = units;
  c = with_circuit_cards(c, library);
  return machine;
}

ConverterDesign design_of(const Machine& machine, const Blocks& blocks, bool has_cells, bool shares_charge) {
  ConverterDesign design = converter_design(machine.config);
  design.bits = machine.bits;
  if (!shares_charge) design.full_scale_v = design.supply_v;
  design.sampling_ff = machine.converter == MacroConverter::sar
                           ? std::exp2(machine.bits) * blocks.capacitance_ff("sampling_element").value
                           : 0.0;
  design.conversion_ns = machine.conversion_ns;
  design.rows_per_converter = has_cells ? std::ceil(machine.matchlines / machine.converters) : 1.0;
  return design;
}

void predict_array(const Macro& macro, const Machine& machine, const Blocks& blocks, Prediction& of) {
  const ArrayBlocks array(blocks, machine.config.array, machine.config.sensing);
  const Block cells = array.cells(), lines = array.search_lines(), rows = array.matchlines();
  const double half = machine.cells / 2.0;
  const Figure search = (machine.cells / machine.matchlines) * lines.energy_pj("drive");
  if (macro.kind == MacroKind::charge_cim) {
    of.cells_pj =
        half * (cells.energy_pj("match") + cells.energy_pj("mismatch")) + half * half * cells.energy_pj("pair");
    of.lines_pj = search + rows.energy_pj("share");
  } else {
    // Search lines that do not return to zero change for half of the bits; a row precharges one line of gates and wire.
    const Figure overhead = blocks.factor("cam_line_overhead") / blocks.factor("line_overhead");
    of.lines_pj = overhead * (0.5 * search + 0.5 * rows.energy_pj("share"));
  }
  Block all;
  all.contain(1.0, cells).contain(1.0, lines).contain(1.0, rows).contain(1.0, array.row_decoder());
  all.contain(1.0, array.write_drivers());
  of.array_mm2 = mm2_per_um2 * all.area_um2;
}

}  // namespace

Prediction predict(const Macro& macro, const UnitCards& units) {
  Prediction of;
  const Machine machine = machine_of(macro, units, of.assumed);
  const Blocks blocks(units, technology_of(machine.config));
  const bool has_cells = macro.kind != MacroKind::converter;
  of.cells_per_matchline = machine.cells;
  if (has_cells) predict_array(macro, machine, blocks, of);
  const ConverterDesign design = design_of(machine, blocks, has_cells, macro.kind == MacroKind::charge_cim);
  if (machine.converter == MacroConverter::sense) {
    // A sense amplifier is its comparator: it has no clocking, reference and control of a converter.
    const Block one = comparator_block(blocks, design);
    of.converter_pj = cost_of_speed(blocks, design, 1.0) * one.energy_pj("decide");
    of.converter_mm2 = (mm2_per_um2 * machine.converters) * one.area_um2;
  } else {
    const std::vector<ConverterPart> parts =
        machine.converter == MacroConverter::flash ? flash_parts(machine.bits) : sar_parts(machine.bits);
    const Block one = converter_block(blocks, parts, design, macro.name);
    of.converter_pj = one.energy_pj("convert");
    of.converter_mm2 = (mm2_per_um2 * machine.converters) * one.area_um2;
  }
  of.macro_mm2 = of.array_mm2 + of.converter_mm2;
  for (const char* overhead : {"clock_tree", "control", "wires", "decoupling", "bias_reference"})
    of.macro_mm2 += blocks.factor_of_area(overhead) * (of.array_mm2 + of.converter_mm2);
  return of;
}

}  // namespace capcam::silicon
