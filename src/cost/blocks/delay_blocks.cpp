// SPDX-License-Identifier: Apache-2.0
#include "cost/blocks/delay_blocks.h"

#include <cmath>

#include "capcam/converter.h"
#include "config/conditions.h"

namespace capcam {
namespace {

constexpr double logic_bits_of_a_stage = 2.0;

}  // namespace

DelayBlocks::DelayBlocks(const Blocks& blocks, const ArrayParams& array, const SensingParams& sensing,
                         double used_columns)
    : blocks_(blocks),
      columns_(array.columns),
      used_columns_(used_columns),
      elements_(std::exp2(sensing.bits) - 1.0),
      supply_v_(actual_supply_v(sensing.circuit)),
      node_ff_(sensing.circuit.cell_parasitic_ff.value_or(0.0)),
      load_ff_(sensing.circuit.delay_capacitance_ff),
      element_ff_(load_ff_ * columns_ / std::exp2(sensing.bits)) {}

Figure DelayBlocks::energy_pj(double capacitance_ff) const {
  return Figure::exactly(pj_per_fj * capacitance_ff * supply_v_ * supply_v_);
}

Figure DelayBlocks::load_area_um2(double capacitance_ff) const {
  return Figure::exactly(capacitance_ff) / blocks_.density_ff_um2("capacitor");
}

// The load lies above the transistors.
Figure DelayBlocks::cell_area_um2() const {
  const Figure transistors = blocks_.area_um2("cam_cell") + logic_bits_of_a_stage * blocks_.area_um2("logic_bit");
  return larger(transistors, load_area_um2(load_ff_));
}

Figure DelayBlocks::match_pj() const { return energy_pj(node_ff_); }
Figure DelayBlocks::mismatch_pj() const { return energy_pj(node_ff_ + load_ff_); }

Block DelayBlocks::chain() const {
  Block block;
  const Figure stage_um2 = logic_bits_of_a_stage * blocks_.area_um2("logic_bit");
  block.area_um2 = elements_ * larger(stage_um2, load_area_um2(element_ff_)) + columns_ * stage_um2;
  block.leakage_mw = blocks_.leakage_mw("logic_leakage", (elements_ + columns_) * stage_um2);
  block.operations = {{"run", energy_pj(elements_ * element_ff_ + used_columns_ * node_ff_)}};
  for (const char* unit : {"logic_bit", "capacitor", "gate", "wire", "logic_leakage"}) {
    for (const UnitCard* card : blocks_.cards(unit)) block.use(card);
  }
  return block;
}

Block delay_chain(const Blocks& blocks, const Config& config, double used_columns) {
  const std::unique_ptr<const Converter> converter = make_converter(config.sensing);
  if (converter->input() == ConverterInput::delay && converter->elements() == ConverterElements::unary)
    return DelayBlocks(blocks, config.array, config.sensing, used_columns).chain();
  Block none;
  none.operations = {{"run", {}}};
  return none;
}

}  // namespace capcam
