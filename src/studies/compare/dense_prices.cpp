// SPDX-License-Identifier: Apache-2.0
#include "studies/compare/dense_prices.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "capcam/error.h"
#include "cost/blocks/blocks.h"
#include "cost/overheads.h"
#include "machine/service_times.h"
#include "mapping/mapping.h"
#include "studies/compare/unit_components.h"

namespace capcam::baseline {
namespace {

constexpr double score_bits = 16;    // fixed point: 8 bits of fraction, in powers of two
constexpr double exp_entries = 256;  // 2^x for a fraction of 8 bits
constexpr double sum_bits = 32;

ArithmeticFormat arithmetic(KeyFormat format) {
  return format == KeyFormat::int8 ? ArithmeticFormat::int8 : ArithmeticFormat::bf16;
}
ArithmeticFormat of_sums(KeyFormat format) {
  return format == KeyFormat::int8 ? ArithmeticFormat::int8 : ArithmeticFormat::fp32;
}

// Returns the lanes of one query.
Block lanes_of(std::uint64_t lanes, const Block& mac) {
  Block all;
  all.contain(static_cast<double>(lanes), mac);
  return all;
}

void add_scores(UnitComponents& unit, const DenseUnit& dense, const Blocks& blocks, const TraceShape& shape,
                double heads) {
  const double bits = number_bits(dense.format), dim = static_cast<double>(shape.head_dim);
  // The next block's queries come in while this one's are used.
  const Block query = blocks.registers(dim * bits);
  unit.add("query_buffer", 2 * dense.block, query, {{"write_bit", (1.0 / (dim * bits)) * query.energy_pj("write")}});
  const Block scale = blocks.multiply(ArithmeticFormat::fp32);
  unit.add("query_scaler", 1, scale, {{"scale", scale.energy_pj("multiply")}});
  const auto lanes = static_cast<double>(dense.score_lanes);
  unit.add_memory("key_sram", 1, heads * static_cast<double>(shape.keys) * dim * bits / 8.0, lanes * bits);
  const Block operand = blocks.registers(lanes * bits);
  unit.add("key_register", 1, operand, {{"write_bit", (1.0 / (lanes * bits)) * operand.energy_pj("write")}});
  const Block mac = blocks.mac(arithmetic(dense.format), std::min(lanes, dim));
  // Where a row takes several cycles, each lane chooses its element of the query.
  const Block choice = blocks.multiplexer(std::ceil(dim / lanes), bits);
  Block one = lanes_of(dense.score_lanes, mac);
  one.contain(lanes, choice);
  unit.add("score_mac", dense.block, one, {{"mac", mac.energy_pj("mac") + choice.energy_pj("select")}});
  const Block maximum = blocks.comparator(score_bits);
  const auto scores_a_cycle = static_cast<double>(dense.block) * std::max(1.0, lanes / dim);
  Block maxima;
  maxima.contain(scores_a_cycle, maximum);
  unit.add("score_maximum", 1, maxima, {{"compare", maximum.energy_pj("compare")}});
}

void add_softmax(UnitComponents& unit, const DenseUnit& dense, const Blocks& blocks) {
  const auto lanes = static_cast<double>(dense.exp_lanes), numbers = static_cast<double>(dense.block * dense.chunk);
  const double weight_bits = number_bits(dense.format);
  unit.add_memory("score_sram", 2, numbers * score_bits / 8.0, lanes * score_bits);
  // The exponent of 2^(score - best) is a shift; a table has the fraction.
  const Block subtract = blocks.adder(score_bits), table = blocks.exp_table(exp_entries, weight_bits);
  Block exponential;
  exponential.contain(1, subtract).contain(1, table);
  unit.add("exponential", dense.exp_lanes, exponential,
           {{"exp", subtract.energy_pj("add") + table.energy_pj("lookup")}});
  const Block sum = blocks.add(of_sums(dense.format));
  unit.add("softmax_accumulator", dense.exp_lanes, sum, {{"add", sum.energy_pj("add")}});
  unit.add_memory("weight_sram", 2, numbers * weight_bits / 8.0, lanes * weight_bits);
}

void add_values(UnitComponents& unit, const DenseUnit& dense, const Config& c, const Blocks& blocks,
                const TraceShape& shape, double heads) {
  const double bits = number_bits(dense.format), dim = static_cast<double>(shape.value_dim);
  const auto lanes = static_cast<double>(dense.value_lanes);
  unit.add_memory("value_sram", 1, heads * static_cast<double>(shape.keys) * dim * bits / 8.0, lanes * bits);
  const Block operand = blocks.registers(lanes * bits);
  unit.add("value_register", 1, operand, {{"write_bit", (1.0 / (lanes * bits)) * operand.energy_pj("write")}});
  // V lies transposed, so that a tree adds the products of one output with the weights of several keys.
  const Block mac = blocks.mac(arithmetic(dense.format), std::min(lanes, static_cast<double>(dense.chunk)));
  unit.add("value_mac", dense.block, lanes_of(dense.value_lanes, mac), {{"mac", mac.energy_pj("mac")}});
  // A chunk's sums are added to those before, which are multiplied by how much the best score has grown.
  const Block outputs = blocks.registers(dim * sum_bits), rescale = blocks.multiply(ArithmeticFormat::fp32),
              add = blocks.add(ArithmeticFormat::fp32);
  const auto output_lanes = static_cast<double>(dense.output_lanes);
  Block accumulators;
  accumulators.contain(static_cast<double>(dense.block), outputs)
      .contain(output_lanes, rescale)
      .contain(output_lanes, add);
  unit.add("output_accumulator", 1, accumulators,
           {{"fold", rescale.energy_pj("multiply") + add.energy_pj("add") + (1.0 / dim) * outputs.energy_pj("write")}});
  const ArithmeticFormat weights =
      c.softmax.format == NumberFormat::bf16 ? ArithmeticFormat::bf16 : ArithmeticFormat::fp32;
  const Block divider = blocks.divider(weights);
  unit.add("reciprocal", 1, divider, {{"divide", divider.energy_pj("divide")}});
  const Block product = blocks.multiply(weights);
  unit.add("output_scaler", dense.output_lanes, product, {{"scale", product.energy_pj("multiply")}});
}

}  // namespace

HeadsHeld heads_held(const Config& machine, const TraceShape& shape) {
  const Mapping mapping = map_onto(shape, machine);
  const ServiceTimes times(machine, mapping, shape);
  const bool whole_heads = machine.memory.value_source == ValueSource::sram;
  return {mapping.keys_fit(machine.memory, 2) ? 2.0 : 1.0,
          whole_heads && times.value_slots < 2 * shape.keys ? 1.0 : 2.0};
}

MachinePrices dense_prices(const DenseUnit& dense, const Config& config, const CardLibrary& library,
                           const TraceShape& shape, const HeadsHeld& held) {
  const Blocks blocks(library.units, technology_of(config));
  UnitComponents unit(config.accelerator.cores, blocks);
  add_scores(unit, dense, blocks, shape, held.keys);
  add_softmax(unit, dense, blocks);
  add_values(unit, dense, config, blocks, shape, held.values);
  MachinePrices prices;
  prices.components = std::move(unit.components);
  add_overheads(prices, blocks);
  prices.dram.name = "dram";
  prices.dram.instances = 1;
  prices.dram.cards.push_back(library.dram.provenance);
  const Figure pj_per_byte = library.dram.pj_per_byte_figure();
  prices.dram.actions = {{"value_bytes", pj_per_byte}, {"key_bytes", pj_per_byte}};
  prices.notes = blocks.notes();
  return prices;
}

std::vector<Action> dense_actions(const DenseRun& run, const DenseUnit& unit, const TraceShape& shape) {
  const DenseCounts& c = run.counts;
  const std::uint64_t bits = number_bits(unit.format);
  const std::uint64_t key_bits = c.key_rows * shape.head_dim * bits, value_bits = c.value_rows * shape.value_dim * bits;
  const auto score = static_cast<std::uint64_t>(score_bits);
  return {{"query_buffer", "write_bit", "bits", "a query comes in", c.query_elements * bits},
          {"query_scaler", "scale", "elements", "an element of a query times all scales", c.query_elements},
          {"key_sram", "write_bit", "bits", "keys come in", 8 * c.key_bytes},
          {"key_sram", "read_bit", "bits", "a key's row, once for a block of queries", key_bits},
          {"key_register", "write_bit", "bits", "the same, in front of the lanes", key_bits},
          {"score_mac", "mac", "MACs", "one product of q . k", c.score_macs},
          {"score_maximum", "compare", "scores", "one score against the best so far", c.keys},
          {"score_sram", "write_bit", "bits", "one score", c.keys * score},
          {"score_sram", "read_bit", "bits", "one score", c.keys * score},
          {"exponential", "exp", "exponentials", "one key", c.keys},
          {"softmax_accumulator", "add", "additions", "one key", c.keys},
          {"weight_sram", "write_bit", "bits", "one weight", c.keys * bits},
          {"weight_sram", "read_bit", "bits", "one weight", c.keys * bits},
          {"value_sram", "write_bit", "bits", "values come in", 8 * c.value_bytes},
          {"value_sram", "read_bit", "bits", "a value row, once for a block of queries", value_bits},
          {"value_register", "write_bit", "bits", "the same, in front of the lanes", value_bits},
          {"value_mac", "mac", "MACs", "one weight times one element of V", c.value_macs},
          {"output_accumulator", "fold", "elements", "a chunk's sum is added to an output", c.folded_outputs},
          {"reciprocal", "divide", "divisions", "one query's sum of weights", c.queries},
          {"output_scaler", "scale", "elements", "one element of an output", c.outputs},
          {"dram", "value_bytes", "bytes", "values read", c.value_bytes},
          {"dram", "key_bytes", "bytes", "keys read", c.key_bytes}};
}

}  // namespace capcam::baseline
