// SPDX-License-Identifier: Apache-2.0
#include "cost/blocks/array_blocks.h"

#include <algorithm>
#include <cmath>

#include "capcam/converter.h"
#include "config/conditions.h"
#include "kernels/drawn_charge.h"

namespace capcam {
namespace {

constexpr double pj_per_fj = 1e-3;

Figure square_root(const Figure& figure) {
  return {std::sqrt(figure.value), std::sqrt(figure.low), std::sqrt(figure.high)};
}

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
  if (has_capacitors_) {
    const Figure capacitor = Figure::exactly(sensing.circuit.cell_capacitance_ff) / blocks.density_ff_um2("capacitor");
    cell_area_um2_ = larger(blocks.area_um2("cam_cell"), capacitor);
  } else {
    cell_area_um2_ = delays().cell_area_um2();
  }
  pitch_um_ = square_root(cell_area_um2_);
}

DelayBlocks ArrayBlocks::delays() const { return {blocks_, array_, sensing_, used_columns_}; }

Figure ArrayBlocks::line_pj(double cells, double gates) const {
  const Figure a_cell_ff = gates * blocks_.capacitance_ff("gate") + pitch_um_ * blocks_.capacitance_ff("wire");
  return pj_per_fj * supply_v_ * supply_v_ * cells * a_cell_ff;
}

Block ArrayBlocks::cells() const {
  Block block;
  block.area_um2 = double{1} * array_.rows * array_.columns * cell_area_um2_;
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
                      {"write_row", line_pj(array_.columns, 2.0)},
                      {"write_bit", line_pj(array_.rows, 1.0) + inside}};
  use_all(block, blocks_.cards("cam_cell"));
  use_all(block, blocks_.cards("capacitor"));
  if (!has_capacitors_) use_all(block, blocks_.cards("logic_bit"));
  use_all(block, blocks_.cards("gate"));
  use_all(block, blocks_.cards("wire"));
  use_all(block, blocks_.cards("logic_leakage"));
  return block;
}

// A driver is two inverters per line, each of two gates.
Block ArrayBlocks::search_lines() const {
  Block block = blocks_.multiplexer(2.0, 2.0 * 2.0 * array_.columns);
  block.operations = {{"drive", line_pj(array_.rows, 2.0)}};
  use_all(block, blocks_.cards("gate"));
  use_all(block, blocks_.cards("wire"));
  return block;
}

Block ArrayBlocks::matchlines() const {
  Block block = blocks_.multiplexer(2.0, 2.0 * 2.0 * array_.rows);
  block.operations = {{"share", (has_capacitors_ ? 2.0 : 1.0) * line_pj(array_.columns, 1.0)}};
  use_all(block, blocks_.cards("gate"));
  use_all(block, blocks_.cards("wire"));
  return block;
}

}  // namespace capcam
