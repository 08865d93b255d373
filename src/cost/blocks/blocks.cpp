// SPDX-License-Identifier: Apache-2.0
#include "cost/blocks/blocks.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "capcam/error.h"

namespace capcam {
namespace {

constexpr double mw_per_nw = 1e-6;

// Takes a figure of every card. The value is the first card's; the interval spans all cards.
Figure over_cards(const std::vector<const UnitCard*>& cards, const auto& figure_of) {
  Figure figure = figure_of(*cards.front());
  for (const UnitCard* card : cards) figure = spanning(figure, figure_of(*card));
  return figure;
}

std::string_view adder_unit(ArithmeticFormat format) {
  switch (format) {
    case ArithmeticFormat::int8:
      return "int32_add";
    case ArithmeticFormat::fp16:
      return "fp16_add";
    case ArithmeticFormat::bf16:
      return "bf16_add";
    case ArithmeticFormat::fp32:
      return "fp32_add";
  }
  throw LawBroken("adder_unit: unknown format");
}

// Returns the bits of an exact product: twice the significand's, and for floating point sign and a longer exponent.
double product_bits(ArithmeticFormat format) {
  switch (format) {
    case ArithmeticFormat::int8:
      return 2.0 * 8.0;
    case ArithmeticFormat::fp16:
      return 2.0 * 11.0 + 1.0 + 6.0;
    case ArithmeticFormat::bf16:
      return 2.0 * 8.0 + 1.0 + 9.0;
    case ArithmeticFormat::fp32:
      return 2.0 * 24.0 + 1.0 + 9.0;
  }
  throw LawBroken("product_bits: unknown format");
}

std::string_view multiplier_unit(ArithmeticFormat format) {
  switch (format) {
    case ArithmeticFormat::int8:
      return "int8_mul";
    case ArithmeticFormat::fp16:
      return "fp16_mul";
    case ArithmeticFormat::bf16:
      return "bf16_mul";
    case ArithmeticFormat::fp32:
      return "fp32_mul";
  }
  throw LawBroken("multiplier_unit: unknown format");
}

}  // namespace

const Figure& Block::energy_pj(std::string_view operation) const {
  const auto found = std::find_if(operations.begin(), operations.end(),
                                  [&](const Operation& candidate) { return candidate.name == operation; });
  if (found == operations.end()) throw LawBroken(fmt::format("block: no operation {}", operation));
  return found->energy_pj;
}

Block& Block::use(const UnitCard* card) {
  if (std::find(cards.begin(), cards.end(), card) == cards.end()) cards.push_back(card);
  return *this;
}

Block& Block::contain(double count, const Block& part) {
  area_um2 += count * part.area_um2;
  leakage_mw += count * part.leakage_mw;
  for (const UnitCard* card : part.cards) use(card);
  return *this;
}

std::uint64_t sorter_comparators(std::uint64_t inputs, std::uint64_t kept) {
  const std::uint64_t n = std::bit_ceil(std::max<std::uint64_t>(inputs, 1));
  const std::uint64_t k = std::min(n, std::bit_ceil(std::max<std::uint64_t>(kept, 1)));
  const auto l = static_cast<std::uint64_t>(std::countr_zero(k));
  const std::uint64_t blocks = n / k;
  return blocks * (k * l * (l + 1) / 4) + (blocks - 1) * (k + k * l / 2);
}

double Blocks::energy_scale(const UnitCard& card) const {
  if (card.energy_scales == Scales::none) return 1.0;
  return energy_ratio({card.provenance.technology_nm, card.supply_v}, technology_);
}

double Blocks::area_scale(const UnitCard& card) const {
  if (card.area_scales == Scales::none) return 1.0;
  return area_factor(technology_.node_nm) / area_factor(card.provenance.technology_nm);
}

Figure Blocks::energy_pj(std::string_view unit) const {
  return over_cards(units_.of(unit),
                    [&](const UnitCard& card) { return energy_scale(card) * card.energy_pj.figure(); });
}

Figure Blocks::area_um2(std::string_view unit) const {
  return over_cards(units_.of(unit), [&](const UnitCard& card) { return area_scale(card) * card.area_um2.figure(); });
}

// The size of the thing follows the node, so its capacitance goes as the square root of an area.
Figure Blocks::capacitance_ff(std::string_view unit) const {
  return over_cards(units_.of(unit),
                    [&](const UnitCard& card) { return std::sqrt(area_scale(card)) * card.capacitance_ff.figure(); });
}

// A wire's width and thickness shrink with the node.
Figure Blocks::resistance_ohm(std::string_view unit) const {
  return over_cards(units_.of(unit), [&](const UnitCard& card) {
    const double shrink = card.provenance.technology_nm / technology_.node_nm;
    return shrink * shrink * card.resistance_ohm.figure();
  });
}

Figure Blocks::density_ff_um2(std::string_view unit) const {
  return over_cards(units_.of(unit), [](const UnitCard& card) { return card.density_ff_um2.figure(); });
}

Figure Blocks::leakage_mw(std::string_view unit, const Figure& area_um2) const {
  const Figure nw_um2 = over_cards(units_.of(unit), [&](const UnitCard& card) {
    return leakage_ratio(card.supply_v, card.temperature_c, technology_) * card.leakage_nw_um2.figure();
  });
  return mw_per_nw * (nw_um2 * area_um2);
}

Figure Blocks::factor(std::string_view unit) const {
  return over_cards(units_.of(unit), [](const UnitCard& card) { return card.factor.figure(); });
}

Figure Blocks::factor_of_area(std::string_view unit) const {
  return over_cards(units_.of(unit), [](const UnitCard& card) { return card.area_factor.figure(); });
}

Figure Blocks::mismatch_mv_um() const {
  return over_cards(units_.of("transistor_pair"), [&](const UnitCard& card) {
    return std::sqrt(technology_.node_nm / card.provenance.technology_nm) * card.mismatch_mv_um.figure();
  });
}

Figure Blocks::gate_ff_um2() const {
  return over_cards(units_.of("transistor_pair"), [&](const UnitCard& card) {
    return std::sqrt(card.provenance.technology_nm / technology_.node_nm) * card.density_ff_um2.figure();
  });
}

std::vector<std::string> Blocks::notes() const {
  const std::string note = extrapolation(technology_.node_nm);
  return note.empty() ? std::vector<std::string>{} : std::vector<std::string>{note};
}

// The last inverter's gates are a quarter of the load and its drains as much; the inverters before it add a third:
// 1 + 2 (1/4 + 1/16 + ...) = 5/3. A transistor of minimum size is 2 F wide; with contacts and wells, a wide one takes 6
// F of length: 12 F^2 for each minimum size. The first inverter is a gate.
Block Blocks::driver(const Figure& load_ff, double supply_v) const {
  constexpr double effort = 4.0, chain = 1.0 / (effort - 1.0), size_f2 = 12.0;
  const double node_um = technology_.node_nm * 1e-3;
  const Figure sizes = chain * (load_ff / capacitance_ff("gate"));
  Block block;
  block.area_um2 = area_um2("logic_bit") + size_f2 * node_um * node_um * sizes;
  block.leakage_mw = leakage_mw("logic_leakage", block.area_um2);
  block.operations = {{"drive", pj_per_fj * supply_v * supply_v * (1.0 + 2.0 * chain) * load_ff}};
  for (const char* unit : {"logic_bit", "gate", "wire", "logic_leakage"}) {
    for (const UnitCard* card : cards(unit)) block.use(card);
  }
  return block;
}

Block Blocks::unit(std::string_view name, std::string_view operation, double count) const {
  Block block;
  block.area_um2 = count * area_um2(name);
  block.leakage_mw = leakage_mw("logic_leakage", block.area_um2);
  block.operations.push_back({std::string(operation), count * energy_pj(name)});
  block.cards = units_.of(name);
  for (const UnitCard* card : units_.of("logic_leakage")) block.use(card);
  return block;
}

Block Blocks::registers(double bits) const { return unit("register_bit", "write", bits); }
Block Blocks::adder(double bits) const { return unit("adder_bit", "add", bits); }
Block Blocks::comparator(double bits) const { return unit("adder_bit", "compare", bits); }

// The block is a tree of two-way multiplexers of two gates per bit; a selection passes one multiplexer per level.
Block Blocks::multiplexer(double ways, double bits) const {
  Block block;
  block.contain(2.0 * std::max(ways - 1.0, 0.0) * bits, unit("logic_bit", ""));
  const double levels = ways > 1.0 ? std::ceil(std::log2(ways)) : 0.0;
  block.operations.push_back({"select", 2.0 * levels * bits * energy_pj("logic_bit")});
  return block;
}

Block Blocks::register_file(double words, double bits) const {
  const Block select = multiplexer(words, bits);
  Block block;
  block.contain(words, registers(bits)).contain(1.0, select);
  block.operations = {{"write", registers(bits).energy_pj("write")}, {"read", select.energy_pj("select")}};
  return block;
}

// The preferred card gives the value at any size. Any other card widens the interval only near its own size, where its
// exponents hold. Energy: w bits cost w + fixed_bits, each by a power of the capacity. Area: a part of the card's goes
// as the capacity, a part as the width.
Block Blocks::sram(double bytes, double width_bits) const {
  constexpr double near = 16.0;
  std::vector<const UnitCard*> cards = units_.of("sram");
  const UnitCard* const preferred = cards.front();
  std::erase_if(cards, [&](const UnitCard* card) {
    return card != preferred && (bytes > near * card->memory.bytes || near * bytes < card->memory.bytes);
  });
  const auto energy = [&](const UnitCard& card, const Stated& stated) {
    const MemorySize& size = card.memory;
    const double width = (width_bits + size.fixed_bits) / (size.width_bits + size.fixed_bits);
    return energy_scale(card) * width * std::pow(bytes / size.bytes, size.energy_exponent) * stated.figure();
  };
  Block block;
  block.area_um2 = over_cards(cards, [&](const UnitCard& card) {
    const MemorySize& size = card.memory;
    const double by_size =
        (1.0 - size.width_share) * (bytes / size.bytes) + size.width_share * (width_bits / size.width_bits);
    return area_scale(card) * by_size * card.area_um2.figure();
  });
  block.leakage_mw = leakage_mw("sram_leakage", block.area_um2);
  block.operations = {{"read", over_cards(cards, [&](const UnitCard& card) { return energy(card, card.energy_pj); })},
                      {"write", over_cards(cards, [&](const UnitCard& card) { return energy(card, card.write_pj); })}};
  block.cards = cards;
  for (const UnitCard* card : units_.of("sram_leakage")) block.use(card);
  return block;
}

Block Blocks::exp_table(double entries, double bits) const {
  Block block = sram(entries * bits / 8.0, bits);
  block.operations = {{"lookup", block.energy_pj("read")}};
  return block;
}

// Each comparator compares two values and exchanges values and tags, which takes two two-way multiplexers.
Block Blocks::sorter(std::uint64_t inputs, std::uint64_t kept, double value_bits, double tag_bits, double ranks) const {
  const auto comparators = static_cast<double>(sorter_comparators(inputs, kept));
  const double bits = value_bits + tag_bits;
  const Block compare = comparator(value_bits), exchange = multiplexer(2.0, 2.0 * bits);
  const Block rank = registers(static_cast<double>(inputs) * bits);
  Block block;
  block.contain(comparators, compare).contain(comparators, exchange).contain(ranks, rank);
  block.operations.push_back({"sort", comparators * (compare.energy_pj("compare") + exchange.energy_pj("select")) +
                                          ranks * rank.energy_pj("write")});
  return block;
}

Block Blocks::add(ArithmeticFormat format) const { return unit(adder_unit(format), "add"); }
Block Blocks::multiply(ArithmeticFormat format) const { return unit(multiplier_unit(format), "multiply"); }

Block Blocks::mac(ArithmeticFormat format, double products) const {
  constexpr double sum_bits = 32.0;
  const Block product = multiply(format);
  const Block sum = add(format == ArithmeticFormat::int8 ? format : ArithmeticFormat::fp32);
  // The pipeline's registers stand behind the products, in a tree behind the sums of four.
  const double group = std::min(4.0, products);
  const Block registers_of_one = registers((product_bits(format) + std::log2(group)) / group + sum_bits / products);
  Block block;
  block.contain(1.0, product).contain(1.0, sum).contain(1.0, registers_of_one);
  block.operations.push_back(
      {"mac", product.energy_pj("multiply") + sum.energy_pj("add") + registers_of_one.energy_pj("write")});
  return block;
}

// An array divider grows as the square of the significand: 8 bits in bf16, 24 in fp32.
Block Blocks::divider(ArithmeticFormat format) const {
  if (format != ArithmeticFormat::bf16 && format != ArithmeticFormat::fp32)
    throw LawBroken("divider: bf16 or fp32 only");
  return unit("bf16_div", "divide", format == ArithmeticFormat::fp32 ? (24.0 / 8.0) * (24.0 / 8.0) : 1.0);
}

}  // namespace capcam
