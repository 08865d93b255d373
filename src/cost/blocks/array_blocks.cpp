// SPDX-License-Identifier: Apache-2.0
#include "cost/blocks/array_blocks.h"

#include <algorithm>
#include <cmath>

#include "capcam/converter.h"
#include "config/conditions.h"
#include "kernels/drawn_charge.h"

namespace capcam {
namespace {

Figure square_root(const Figure& figure) {
  return {std::sqrt(figure.value), std::sqrt(figure.low), std::sqrt(figure.high)};
}

double address_bits(double rows) { return std::ceil(std::log2(std::max(rows, 2.0))); }

void use_all(Block& block, const std::vector<const UnitCard*>& cards) {
  for (const UnitCard* card : cards) block.use(card);
}

}  // namespace

ArrayBlocks::ArrayBlocks(const Blocks& blocks, const ArrayParams& array, const SensingParams& sensing,
                         double used_columns, const ClockParams& clock)
    : blocks_(blocks),
      array_(array),
      sensing_(sensing),
      has_capacitors_(make_converter(sensing)->input() != ConverterInput::delay),
      supply_v_(actual_supply_v(sensing.circuit)),
      used_columns_(used_columns > 0.0 ? used_columns : array.columns) {
  timed_.clock = clock;
  timed_.array = array;
  timed_.sensing = sensing;
  const Figure overhead = blocks.factor_of_area("array_overhead");
  if (has_capacitors_) {
    const Figure capacitor = Figure::exactly(sensing.circuit.cell_capacitance_ff) / blocks.density_ff_um2("capacitor");
    cell_area_um2_ = larger(blocks.area_um2("cam_cell"), capacitor);
    area_with_overhead_um2_ = larger(overhead * blocks.area_um2("cam_cell"), capacitor);
  } else {
    cell_area_um2_ = delays().cell_area_um2();
    area_with_overhead_um2_ = overhead * cell_area_um2_;
  }
  pitch_um_ = square_root(cell_area_um2_);
}

DelayBlocks ArrayBlocks::delays() const { return {blocks_, array_, sensing_, used_columns_}; }

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
  const Figure of_cell = has_capacitors_ ? blocks_.area_um2("cam_cell") : cell_area_um2_;
  const Figure transistors = double{1} * array_.rows * array_.columns * of_cell;
  block.leakage_mw = blocks_.leakage_mw("logic_leakage", transistors);
  const SupplyCharge charge =
      has_capacitors_ ? supply_charge(timed_, static_cast<std::uint32_t>(used_columns_)) : SupplyCharge{};
  const auto energy = [&](double charge_fc) { return Figure::exactly(pj_per_fj * supply_v_ * charge_fc); };
  const Figure inside = pj_per_fj * supply_v_ * supply_v_ * 2.0 * blocks_.capacitance_ff("gate");
  block.operations = {{"match", has_capacitors_ ? energy(charge.per_match_fc) : delays().match_pj()},
                      {"mismatch", has_capacitors_ ? energy(charge.per_mismatch_fc) : delays().mismatch_pj()},
                      {"pair", energy(charge.per_pair_fc)},
                      {"write_row", line_pj(array_.columns, 2.0) + decode_pj()},
                      {"write_bit", line_pj(array_.rows, 1.0) + inside}};
  use_all(block, blocks_.cards("cam_cell"));
  use_all(block, blocks_.cards("array_overhead"));
  use_all(block, blocks_.cards("capacitor"));
  if (!has_capacitors_) use_all(block, blocks_.cards("logic_bit"));
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
  const double lines = has_capacitors_ ? 2.0 : 1.0;
  Block block = drivers(lines * array_.rows, array_.columns, 1.0);
  block.operations = {{"share", lines * line_pj(array_.columns, 1.0)}};
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
