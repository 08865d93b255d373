// Digital hardware of any size, made of unit cards: its area, its leakage and the energy of each of its operations at
// one technology node and supply. Nothing here knows the CAM machine; every memory, sorter or multiplier of any size is
// priced here by the same cards.
//
//   const CardLibrary library = read_cards(config);                      // cost.library = "physical"
//   const Blocks blocks(library.units, {config.cost.node_nm, config.cost.supply_v});
//   const Block sram = blocks.sram(64 * 1024, 256);
//   sram.energy_pj("read")  sram.energy_pj("write")  sram.area_um2  sram.leakage_mw  sram.cards
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "capcam/figure.h"
#include "cost/cards/node_scaling.h"
#include "cost/cards/unit_cards.h"

namespace capcam {

inline constexpr double pj_per_fj = 1e-3;

struct Block {
  struct Operation {
    std::string name;
    Figure energy_pj;
  };
  Figure area_um2;
  Figure leakage_mw;
  std::vector<Operation> operations;
  std::vector<const UnitCard*> cards;  // the cards that priced the block, each once

  // Throws LawBroken for an operation the block does not have.
  const Figure& energy_pj(std::string_view operation) const;
  // Takes `count` times the part's area, leakage and cards; its operations are for the caller to use.
  Block& contain(double count, const Block& part);
  Block& use(const UnitCard* card);
};

enum class ArithmeticFormat { int8, fp16, bf16, fp32 };

// Returns the comparators of the network that keeps the `kept` best of `inputs`, in order. It sorts blocks of `kept`
// bitonically (kept l (l + 1) / 4 comparators each, l = log2(kept)) and merges the results in pairs (`kept` comparators
// drop the worse half, kept l / 2 put the rest in order). Sizes that are no power of two are rounded up.
std::uint64_t sorter_comparators(std::uint64_t inputs, std::uint64_t kept);

class Blocks {
 public:
  // `units` must outlive this and every Block.
  Blocks(const UnitCards& units, const Technology& technology) : units_(units), technology_(technology) {}
  const Technology& technology() const { return technology_; }

  // Each block's operations stand behind it.
  Block registers(double bits) const;                    // write (all bits)
  Block register_file(double words, double bits) const;  // write, read (one word)
  Block adder(double bits) const;                        // add (subtracting costs the same)
  Block comparator(double bits) const;                   // compare (two numbers)
  Block multiplexer(double ways, double bits) const;     // select
  Block sram(double bytes, double width_bits) const;     // read, write (an access of width_bits)
  Block exp_table(double entries, double bits) const;    // lookup
  // Operation sort: `inputs` numbers of value_bits, each carrying tag_bits, pass `ranks` of pipeline registers.
  Block sorter(std::uint64_t inputs, std::uint64_t kept, double value_bits, double tag_bits, double ranks) const;
  Block add(ArithmeticFormat format) const;       // add (int8: to the 32-bit sum of 8-bit products)
  Block multiply(ArithmeticFormat format) const;  // multiply
  // Operation mac: a product, kept in a pipeline register, is added to an fp32 sum (int8: a 32-bit sum). A tree adds
  // `products` of them a cycle, which share the sum's register; the block is one of them.
  Block mac(ArithmeticFormat format, double products = 1.0) const;
  Block divider(ArithmeticFormat format) const;  // divide (only fp32 and bf16)

  // A quantity of a unit at this node has the preferred card's value and an interval that spans all of its cards.
  Figure energy_pj(std::string_view unit) const;
  Figure area_um2(std::string_view unit) const;
  Figure capacitance_ff(std::string_view unit) const;
  Figure resistance_ohm(std::string_view unit) const;
  Figure density_ff_um2(std::string_view unit) const;
  Figure factor(std::string_view unit) const;
  Figure factor_of_area(std::string_view unit) const;
  // Of unit transistor_pair: standard deviation of the threshold difference of two transistors of a square micron, and
  // the capacitance of a square micron of gate. They go as the root of the node and as its inverse.
  Figure mismatch_mv_um() const;
  Figure gate_ff_um2() const;
  Figure leakage_mw(std::string_view unit, const Figure& area_um2) const;
  std::vector<const UnitCard*> cards(std::string_view unit) const { return units_.of(unit); }
  // Factors that bring a card's energies and areas to this node.
  double energy_scale(const UnitCard& card) const;
  double area_scale(const UnitCard& card) const;
  // A chain of inverters, each four times the one before, that drives a capacitance; half of a finger's area is
  // contacts it shares with the next. Its operation drive charges `load_ff` once, the chain's own gates and drains
  // included.
  Block driver(const Figure& load_ff, double supply_v) const;
  // Says what was extrapolated, each thing once.
  std::vector<std::string> notes() const;

 private:
  // The block is `count` units, used as they are, with one operation.
  Block unit(std::string_view name, std::string_view operation, double count = 1.0) const;

  const UnitCards& units_;
  Technology technology_;
};

}  // namespace capcam
