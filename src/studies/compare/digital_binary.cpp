// SPDX-License-Identifier: Apache-2.0
#include "studies/compare/digital_binary.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <string_view>

#include "cost/blocks/blocks.h"
#include "cost/overheads.h"
#include "studies/compare/unit_components.h"

namespace capcam::baseline {
namespace {

// Parts of the capacitive machine that the unit does not have.
constexpr std::array<std::string_view, 8> analogue = {"key_sram",    "cam_array",     "search_line", "matchline",
                                                      "row_decoder", "write_drivers", "converter",   "score_scaler"};

std::uint32_t pieces_of(std::uint32_t whole, std::uint32_t piece) { return (whole + piece - 1) / piece; }

// Returns the cycles of a tile for a block: a query leaves each cycle, and a key's read takes one at least.
std::uint32_t tile_cycles(const BinaryUnit& unit, const Config& config) {
  return std::max(pieces_of(config.array.rows, unit.key_lanes), unit.block + 1);
}

// Sets the cycles of a tile, for a block, to `cycles` or the next higher number that programming and searches can make.
void set_tile_time(Config& machine, std::uint32_t block, std::uint32_t cycles) {
  std::uint32_t best = 0;
  for (std::uint32_t rows = machine.array.rows; rows >= 1; --rows) {
    const std::uint32_t program = pieces_of(machine.array.rows, rows);
    const std::uint32_t search = program >= cycles ? 1 : pieces_of(cycles - program, block);
    const std::uint32_t time = program + block * search;
    if (time < cycles || (best != 0 && time > best)) continue;
    best = time;
    machine.array.program_rows_per_cycle = rows;
    machine.array.search_cycles = search;
  }
}

// Counts the matches of one segment of a key: an XNOR (two gates) a bit, full adders that make a number of the matches,
// a register for it.
Block popcount(const Blocks& blocks, std::uint32_t columns) {
  const double bits = std::bit_width(columns);
  const Block exclusive = blocks.multiplexer(2.0, columns);
  const Block adders = blocks.adder(std::max(1.0, columns - 1.0)), result = blocks.registers(bits);
  Block block;
  block.contain(1.0, exclusive).contain(1.0, adders).contain(1.0, result);
  block.operations.push_back(
      {"count", exclusive.energy_pj("select") + adders.energy_pj("add") + result.energy_pj("write")});
  return block;
}

}  // namespace

std::string BinaryUnit::text() const {
  if (kind == BinaryKind::array)
    return fmt::format("{} register array{} of {} keys, {} queries a tile", count, count == 1 ? "" : "s", key_lanes,
                       block);
  return fmt::format("{} stream{} of {} keys a cycle, blocks of {} queries", count, count == 1 ? "" : "s", key_lanes,
                     block);
}

Config machine_of(const BinaryUnit& unit, const Config& config) {
  Config machine = config;
  machine.sensing = {};
  machine.sensing.kind = "ideal";
  machine.sensing.conversion_cycles = 1;
  machine.array.search_cycles = 1;
  machine.array.count = unit.count;
  machine.array.queries_per_program = unit.block;
  machine.cost.loads = LoadAccounting::counted;
  if (unit.kind == BinaryKind::stream) set_tile_time(machine, unit.block, tile_cycles(unit, config));
  return machine;
}

std::vector<BinaryUnit> binary_units(const Config& config) {
  std::vector<BinaryUnit> units;
  const std::uint32_t most = config.pipeline.decode == Decode::off ? 64 : 1;
  std::vector<std::uint32_t> counts{1};
  if (config.array.count > 1) counts.push_back(config.array.count);
  for (const std::uint32_t count : counts) {
    for (std::uint32_t block = 1; block <= most; block *= 2) {
      for (std::uint32_t lanes = 1; lanes < config.array.rows; lanes *= 2)
        units.push_back({BinaryKind::stream, block, lanes, count});
      units.push_back({BinaryKind::array, block, config.array.rows, count});
    }
  }
  return units;
}

MachinePrices binary_prices(const BinaryUnit& unit, const Config& config, const CardLibrary& library,
                            const TraceShape& shape) {
  const Config machine = machine_of(unit, config);
  MachinePrices prices = machine_prices(machine, library, &shape);
  std::erase_if(prices.components, [](const ComponentPrice& one) {
    return std::find(analogue.begin(), analogue.end(), one.name) != analogue.end();
  });
  const Blocks blocks(library.units, technology_of(config));
  UnitComponents own(config.accelerator.cores, blocks);
  const std::uint32_t columns = std::min(config.array.columns, static_cast<std::uint32_t>(shape.head_dim));
  const bool stream = unit.kind == BinaryKind::stream;
  const std::uint32_t read_a_cycle = stream ? unit.key_lanes : machine.array.program_rows_per_cycle;
  const double word_bits = static_cast<double>(read_a_cycle) * unit.count * columns;
  own.add_memory("key_sram", 1, config.memory.key_sram_kib * 1024.0, word_bits);
  const double held_bits = static_cast<double>(unit.key_lanes) * columns;
  const Block keys = blocks.registers(held_bits);
  own.add("key_register", unit.count, keys, {{"write_bit", (1.0 / held_bits) * keys.energy_pj("write")}});
  const Block one = popcount(blocks, columns);
  own.add("popcount", unit.popcounts(), one, {{"count", one.energy_pj("count")}});
  // A tile's scores wait for its selector.
  const double count_bits = std::bit_width(static_cast<std::uint32_t>(shape.head_dim));
  const Block scores = blocks.registers(config.array.rows * count_bits);
  const double writes = (1.0 / config.array.rows);
  const Block sum = blocks.adder(shape.head_dim > columns ? count_bits : 0.0);  // over segments
  Block waiting;
  waiting.contain(1.0, scores).contain(1.0, sum);
  own.add("score_register", std::uint64_t{unit.count} * unit.block, waiting,
          {{"write", writes * scores.energy_pj("write") + sum.energy_pj("add")}});
  prices.components.insert(prices.components.begin() + 1, own.components.begin(), own.components.end());
  prices.overheads.clear();  // the machine's
  add_overheads(prices, blocks);
  return prices;
}

std::vector<Action> binary_actions(const ActionCounts& counts) {
  std::vector<Action> actions = list_actions(counts);
  std::erase_if(actions, [](const Action& one) {
    return std::find(analogue.begin(), analogue.end(), one.component) != analogue.end();
  });
  const std::uint64_t read_bits = counts.cam_array_write_bit, compared = counts.matchline_share;
  actions.push_back({"key_sram", "write_bit", "bits", "keys come in", 8 * counts.dram_key_bytes});
  actions.push_back({"key_sram", "read_bit", "bits", "a key, once for a block of queries", read_bits});
  actions.push_back({"key_register", "write_bit", "bits", "the same, where it is compared", read_bits});
  actions.push_back({"popcount", "count", "keys", "a segment of a key against a query's", compared});
  actions.push_back({"score_register", "write", "scores", "the same, until its tile is selected", compared});
  return actions;
}

}  // namespace capcam::baseline
