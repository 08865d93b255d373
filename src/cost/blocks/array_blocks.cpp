// SPDX-License-Identifier: Apache-2.0
#include "cost/blocks/array_blocks.h"

#include <algorithm>
#include <cmath>

#include "capcam/converter.h"
#include "config/conditions.h"
#include "kernels/cell_circuit.h"

namespace capcam {
namespace {

constexpr double pj_per_fj = 1e-3;

Figure square_root(const Figure& figure) {
  return {std::sqrt(figure.value), std::sqrt(figure.low), std::sqrt(figure.high)};
}

double address_bits(double rows) { return std::ceil(std::log2(std::max(rows, 2.0))); }

void use_all(Block& block, const std::vector<const UnitCard*>& cards) {
  for (const UnitCard* card : cards) block.use(card);
}

}  // namespace

ArrayBlocks::ArrayBlocks(const Blocks& blocks, const ArrayParams& array, const SensingParams& sensing,
                         double used_columns)
    : blocks_(blocks),
      array_(array),
      sensing_(sensing),
      has_capacitors_(make_converter(sensing)->input() != ConverterInput::delay),
      supply_v_(actual_supply_v(sensing.circuit)),
      used_columns_(used_columns > 0.0 ? used_columns : array.columns) {
  cell_area_um2_ = blocks.area_um2("cam_cell");
  area_with_overhead_um2_ = blocks.factor_of_area("array_overhead") * cell_area_um2_;
  if (has_capacitors_) {
    const Figure capacitor = Figure::exactly(sensing.circuit.cell_capacitance_ff) / blocks.density_ff_um2("capacitor");
    cell_area_um2_ = larger(cell_area_um2_, capacitor);
    area_with_overhead_um2_ = larger(area_with_overhead_um2_, capacitor);
  }
  pitch_um_ = square_root(cell_area_um2_);
}

Figure ArrayBlocks::line_ff(double cells, double gates) const {
  return cells * (gates * blocks_.capacitance_ff("gate") + pitch_um_ * blocks_.capacitance_ff("wire"));
}

Figure ArrayBlocks::line_pj(double cells, double gates) const {
  return blocks_.factor("line_overhead") * blocks_.driver(line_ff(cells, gates), supply_v_).energy_pj("drive");
}

Block ArrayBlocks::drivers(double lines, double cells, double gates) const {
  Block block;
  block.contain(lines, blocks_.driver(line_ff(cells, gates), supply_v_));
  use_all(block, blocks_.cards("line_overhead"));
  return block;
}

// Half of the address bits change. Each changes two gates and, predecoded by three, an eighth of the rows' decoders.
Figure ArrayBlocks::decode_pj() const {
  return 0.5 * address_bits(array_.rows) * (2.0 + array_.rows / 8.0) * blocks_.energy_pj("logic_bit");
}

Block ArrayBlocks::cells() const {
  Block block;
  block.area_um2 = double{1} * array_.rows * array_.columns * area_with_overhead_um2_;
  // The transistors leak, the capacitor above them does not.
  const Figure transistors = double{1} * array_.rows * array_.columns * blocks_.area_um2("cam_cell");
  block.leakage_mw = blocks_.leakage_mw("logic_leakage", transistors);
  const CircuitParams& c = sensing_.circuit;
  const SupplyCharge charge =
      has_capacitors_ ? supply_charge(c.cell_circuit, supply_v_, used_columns_, c.cell_capacitance_ff,
                                      c.cell_parasitic_ff.value_or(0.0), c.matchline_capacitance_ff.value_or(0.0))
                      : SupplyCharge{};
  const auto energy = [&](double charge_fc) { return Figure::exactly(pj_per_fj * supply_v_ * charge_fc); };
  const Figure inside = pj_per_fj * supply_v_ * supply_v_ * 2.0 * blocks_.capacitance_ff("gate");
  block.operations = {{"match", energy(charge.per_match_fc)},
                      {"mismatch", energy(charge.per_mismatch_fc)},
                      {"pair", energy(charge.per_pair_fc)},
                      {"write_row", line_pj(array_.columns, 2.0) + decode_pj()},
                      {"write_bit", line_pj(array_.rows, 1.0) + inside}};
  use_all(block, blocks_.cards("cam_cell"));
  use_all(block, blocks_.cards("array_overhead"));
  if (has_capacitors_) use_all(block, blocks_.cards("capacitor"));
  use_all(block, blocks_.cards("gate"));
  use_all(block, blocks_.cards("wire"));
  use_all(block, blocks_.cards("logic_leakage"));
  return block;
}

Block ArrayBlocks::search_lines() const {
  Block block = drivers(2.0 * array_.columns, array_.rows, 2.0);
  block.operations = {{"drive", line_pj(array_.rows, 2.0)}};
  return block;
}

Block ArrayBlocks::matchlines() const {
  Block block = drivers(2.0 * array_.rows, array_.columns, 1.0);
  const Figure edge = 2.0 * array_.columns * blocks_.energy_pj("logic_bit");
  block.operations = {{"share", has_capacitors_ ? 2.0 * line_pj(array_.columns, 1.0) : edge}};
  return block;
}

// A gate with as many inputs as the address has bits, half a gate each, and the word line's driver in every row.
Block ArrayBlocks::row_decoder() const {
  Block block = drivers(array_.rows, array_.columns, 2.0);
  block.contain(1.0, blocks_.multiplexer(2.0, 0.25 * address_bits(array_.rows) * array_.rows));
  return block;
}

Block ArrayBlocks::write_drivers() const { return drivers(2.0 * array_.columns, array_.rows, 1.0); }

}  // namespace capcam
