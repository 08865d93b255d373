// SPDX-License-Identifier: Apache-2.0
#include "studies/compare/dense_prices.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "capcam/error.h"
#include "cost/blocks/blocks.h"

namespace capcam::baseline {
namespace {

constexpr double score_bits = 16, exp_entries = 256;  // a table of 2^x, x in [0, 1): bf16 has 8 bits of precision

double bits_of(NumberFormat format) { return format == NumberFormat::bf16 ? 16.0 : 32.0; }
ArithmeticFormat arithmetic(NumberFormat format) {
  return format == NumberFormat::bf16 ? ArithmeticFormat::bf16 : ArithmeticFormat::fp32;
}

class UnitComponents {
 public:
  UnitComponents(const Config& config, const Blocks& blocks) : cores_(config.accelerator.cores), blocks_(blocks) {}

  // Adds `instances` of `one` per core.
  void add(const char* name, double instances, const Block& one, std::vector<ComponentPrice::Action> actions) {
    ComponentPrice& price = components.emplace_back();
    price.name = name;
    price.instances = static_cast<std::uint64_t>(instances) * cores_;
    price.area_um2 = static_cast<double>(price.instances) * one.area_um2;
    price.leakage_mw = static_cast<double>(price.instances) * one.leakage_mw;
    price.actions = std::move(actions);
    price.normalized_to_nm = blocks_.technology().node_nm;
    for (const UnitCard* card : one.cards) price.cards.push_back(card->provenance);
  }

  std::vector<ComponentPrice> components;

 private:
  std::uint64_t cores_;
  const Blocks& blocks_;
};

// Returns the energy of one number in a memory that is written and read number by number.
ComponentPrice::Action a_number(const char* name, const Block& sram, double bits, double width) {
  return {name, (bits / width) * sram.energy_pj(name)};
}

void add_scores(UnitComponents& unit, const DenseUnit& dense, const Blocks& blocks, const TraceShape& shape) {
  const double bits = key_bits(dense.format), keys = static_cast<double>(shape.keys),
               dim = static_cast<double>(shape.head_dim), lanes = static_cast<double>(dense.score_lanes);
  const Block query = blocks.registers(dim * bits * dense.shared_reads);
  unit.add("query_buffer", 1, query, {{"write", (1.0 / dense.shared_reads) * query.energy_pj("write")}});
  const double width = std::ceil(lanes / dense.shared_reads) * bits;
  const Block sram = blocks.sram(keys * dim * bits / 8.0, width);
  unit.add("key_sram", 1, sram,
           {{"write_byte", (8.0 / width) * sram.energy_pj("write")}, {"read", sram.energy_pj("read")}});
  const Block mac = blocks.mac(dense.format == KeyFormat::int8 ? ArithmeticFormat::int8 : ArithmeticFormat::bf16);
  unit.add("score_mac", lanes, mac, {{"mac", mac.energy_pj("mac")}});
  const double scores_a_cycle = std::ceil(lanes / dim);
  const Block scale = blocks.multiply(ArithmeticFormat::fp32);
  unit.add("score_scaler", scores_a_cycle, scale, {{"scale", scale.energy_pj("multiply")}});
  const Block maximum = blocks.comparator(score_bits);
  unit.add("score_maximum", scores_a_cycle, maximum, {{"compare", maximum.energy_pj("compare")}});
}

void add_softmax(UnitComponents& unit, const DenseUnit& dense, const Config& c, const Blocks& blocks,
                 const TraceShape& shape) {
  const double lanes = static_cast<double>(dense.exp_lanes), weight_bits = bits_of(c.softmax.format);
  const double numbers =
      2.0 * static_cast<double>(shape.keys) * dense.shared_reads;  // the memory is written and read at once
  const Block scores = blocks.sram(numbers * score_bits / 8.0, lanes * score_bits);
  unit.add("score_sram", 1, scores,
           {a_number("write", scores, score_bits, lanes * score_bits),
            a_number("read", scores, score_bits, lanes * score_bits)});
  // exp(x) = 2^(x log2 e) takes a subtraction, a product and a table of the fraction; the whole part is the exponent.
  const Block subtract = blocks.add(arithmetic(c.softmax.format)),
              product = blocks.multiply(arithmetic(c.softmax.format));
  const Block table = blocks.exp_table(exp_entries, weight_bits);
  Block exponential;
  exponential.contain(1, subtract).contain(1, product).contain(1, table);
  unit.add("exponential", lanes, exponential,
           {{"exp", subtract.energy_pj("add") + product.energy_pj("multiply") + table.energy_pj("lookup")}});
  const Block sum = blocks.add(ArithmeticFormat::fp32);
  unit.add("softmax_accumulator", lanes, sum, {{"add", sum.energy_pj("add")}});
  const Block weights = blocks.sram(numbers * weight_bits / 8.0, lanes * weight_bits);
  unit.add("weight_sram", 1, weights,
           {a_number("write", weights, weight_bits, lanes * weight_bits),
            a_number("read", weights, weight_bits, lanes * weight_bits)});
}

void add_values(UnitComponents& unit, const DenseUnit& dense, const Config& c, const Blocks& blocks,
                const TraceShape& shape) {
  const double bits = bits_of(c.value.format), keys = static_cast<double>(shape.keys),
               dim = static_cast<double>(shape.value_dim), lanes = static_cast<double>(dense.value_lanes);
  const double width = std::ceil(lanes / dense.shared_reads) * bits;
  const Block sram = blocks.sram(keys * dim * bits / 8.0, width);
  unit.add("value_sram", 1, sram,
           {{"write_byte", (8.0 / width) * sram.energy_pj("write")}, {"read", sram.energy_pj("read")}});
  const Block mac = blocks.mac(arithmetic(c.value.format));
  unit.add("value_mac", lanes, mac, {{"mac", mac.energy_pj("mac")}});
  const Block divider = blocks.divider(arithmetic(c.softmax.format));
  unit.add("divider", static_cast<double>(dense.dividers), divider, {{"divide", divider.energy_pj("divide")}});
  constexpr double sum_bits = 32;
  const Block output = blocks.registers(dim * sum_bits);
  unit.add("output_buffer", 1, output, {{"write", output.energy_pj("write")}});
}

}  // namespace

MachinePrices dense_prices(const DenseUnit& dense, const Config& config, const CardLibrary& library,
                           const TraceShape& shape) {
  if (library.priced_by != PricedBy::blocks) {
    throw InputError(
        fmt::format("cost.library: {} is a table of modules, which has no dense unit; use physical", library.name));
  }
  const Blocks blocks(library.units, {config.cost.node_nm, config.cost.supply_v});
  UnitComponents unit(config, blocks);
  add_scores(unit, dense, blocks, shape);
  add_softmax(unit, dense, config, blocks, shape);
  add_values(unit, dense, config, blocks, shape);
  MachinePrices prices;
  prices.components = std::move(unit.components);
  prices.dram.name = "dram";
  prices.dram.instances = 1;
  prices.dram.cards.push_back(library.dram.provenance);
  const Figure pj_per_byte = Figure::exactly(library.dram.pj_per_byte());
  prices.dram.actions = {{"value_bytes", pj_per_byte}, {"key_bytes", pj_per_byte}};
  prices.notes = blocks.notes();
  return prices;
}

std::vector<Action> dense_actions(const DenseRun& run) {
  const DenseCounts& c = run.counts;
  return {{"query_buffer", "write", "queries", "a query is latched", c.queries},
          {"key_sram", "write_byte", "bytes", "keys come in", c.key_bytes},
          {"key_sram", "read", "reads", "an operand for every score lane", c.key_reads},
          {"score_mac", "mac", "MACs", "one product of q . k", c.score_macs},
          {"score_scaler", "scale", "scores", "one score times its scales", c.keys},
          {"score_maximum", "compare", "scores", "one score against the best so far", c.keys},
          {"score_sram", "write", "scores", "one score", c.keys},
          {"score_sram", "read", "scores", "one score", c.keys},
          {"exponential", "exp", "exponentials", "one key", c.keys},
          {"softmax_accumulator", "add", "additions", "one key", c.keys},
          {"weight_sram", "write", "weights", "one key", c.keys},
          {"weight_sram", "read", "weights", "one key", c.keys},
          {"value_sram", "write_byte", "bytes", "values come in", c.value_bytes},
          {"value_sram", "read", "reads", "an operand for every value lane", c.value_reads},
          {"value_mac", "mac", "MACs", "one weight times one element of V", c.value_macs},
          {"divider", "divide", "divisions", "one element of an output", c.divisions},
          {"output_buffer", "write", "outputs", "an output is latched", c.queries},
          {"dram", "value_bytes", "bytes", "values read", c.dram_value_bytes},
          {"dram", "key_bytes", "bytes", "keys read", c.dram_key_bytes}};
}

}  // namespace capcam::baseline
