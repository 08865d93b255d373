// What array.interleave changes, and what it must leave alone (docs/timing.md, Placement of keys).
// SPDX-License-Identifier: Apache-2.0
#include <cstring>
#include <functional>
#include <vector>

#include "engines/fast/engine.h"
#include "support/catch.h"
#include "support/collecting_sink.h"
#include "support/random_machine.h"

using namespace capcam;
using namespace capcam::testing;

namespace {

constexpr std::uint32_t all_tiles = 1048576;

struct Outcome {
  RunStats stats;
  CollectingSink sink;
};

Outcome simulate(const Trace& trace, Config config, std::uint32_t interleave) {
  config.array.interleave = interleave;
  Outcome outcome;
  const Workload workload(trace, config);
  outcome.stats = simulate_fast(workload, config, map_onto(trace.shape, config), outcome.sink, 1);
  check_conservation(outcome.stats);
  return outcome;
}

void check_same_time_and_actions(const RunStats& a, const RunStats& b) {
  CHECK(a.cycles == b.cycles);
  for (std::size_t i = 0; i < a.stages.size(); ++i) {
    CHECK(a.stages[i].busy == b.stages[i].busy);
    CHECK(a.stages[i].blocked == b.stages[i].blocked);
  }
  CHECK(std::memcmp(&a.counts, &b.counts, sizeof(ActionCounts)) == 0);
}

void check_same_results(const CollectingSink& a, const CollectingSink& b) {
  REQUIRE(a.results.size() == b.results.size());
  for (const auto& [query, result] : a.results) {
    CHECK(b.results.at(query).selection == result.selection);
    CHECK(b.results.at(query).output == result.output);
  }
}

// Every key matches every query as well as any other.
Trace trace_of_ties(const TraceShape& shape) {
  return make_trace(shape, 1, [] { return 1.0f; });
}

std::vector<std::uint32_t> kept_keys(const Outcome& outcome, std::uint32_t query) {
  std::vector<std::uint32_t> keys;
  for (const Candidate& candidate : outcome.sink.results.at({0, query}).selection) keys.push_back(candidate.key);
  return keys;
}

}  // namespace

TEST_CASE("a single stage keeps the same keys whatever the placement, noise and all") {
  std::uint32_t compared = 0;
  for (std::uint32_t seed = 1; seed <= 150; ++seed) {
    RandomMachine random = random_machine(seed);
    Config& config = random.config;
    // Where arrays, rows and converters differ, it matters in which a key lies; only noise is left.
    CircuitParams& circuit = config.sensing.circuit;
    circuit.injected_charge_fc = circuit.leakage_pa = 0.0;
    circuit.matching_coefficient = circuit.threshold_mismatch_mv = 0.0;
    circuit.reference_error = circuit.offset_mv = circuit.offset_mismatch_mv = circuit.inl_lsb = circuit.dnl_lsb = 0.0;
    circuit.element_mismatch = 0.0;
    circuit.settling = false;
    // One stage, or as many candidates per tile as there are rows.
    config.top_n.tile_k = seed % 2 == 0 ? 0 : config.array.rows;
    config.top_n.tile_selection = "best";
    config.top_n.register_entries = config.top_n.n + config.array.rows;
    CAPTURE(seed);
    const Outcome consecutive = simulate(random.trace, config, 1);
    for (const std::uint32_t interleave : {2u, 3u, 7u, all_tiles}) {
      check_same_results(consecutive.sink, simulate(random.trace, config, interleave).sink);
      ++compared;
    }
  }
  CHECK(compared == 600);
}

TEST_CASE("a head of full tiles takes the same cycles and actions whatever the placement") {
  const std::vector<std::function<void(Config&)>> machines = {
      [](Config&) {},
      [](Config& c) { c.array.columns = 24; },  // three segments
      [](Config& c) { c.array.queries_per_program = 4; },
      [](Config& c) { c.array.count = 3; },
      [](Config& c) { c.array.count = 16; },  // all keys are resident
      [](Config& c) { c.pipeline.query_overlap = true; },
      [](Config& c) { c.memory.key_sram_kib = 1; },  // keys are streamed
      [](Config& c) { c.memory.key_load = HeadLoad::modelled; },
      [](Config& c) { c.top_n.tile_k = 0; },
      [](Config& c) { c.pipeline.decode = Decode::reprogram; },
      [](Config& c) { c.pipeline.decode = Decode::append, c.array.count = 16; },
  };
  const Trace trace = random_trace({1, 2, 2, 9, 256, 64, 64});  // 16 tiles
  for (std::size_t i = 0; i < machines.size(); ++i) {
    Config config;
    machines[i](config);
    CAPTURE(i);
    const Outcome consecutive = simulate(trace, config, 1);
    for (const std::uint32_t interleave : {2u, 4u, 8u, 16u, all_tiles})
      check_same_time_and_actions(consecutive.stats, simulate(trace, config, interleave).stats);
  }
}

TEST_CASE("interleaving by more tiles than there are is interleaving by all, and tiles of one row have nothing to it") {
  for (std::uint32_t seed = 1; seed <= 40; ++seed) {
    RandomMachine random = random_machine(seed);
    const Mapping mapping = map_onto(random.trace.shape, random.config);
    CAPTURE(seed, mapping.tiles);
    const Outcome all = simulate(random.trace, random.config, mapping.tiles);
    for (const std::uint32_t more : {mapping.tiles + 1, 3 * mapping.tiles, all_tiles}) {
      const Outcome outcome = simulate(random.trace, random.config, more);
      check_same_time_and_actions(all.stats, outcome.stats);
      check_same_results(all.sink, outcome.sink);
    }
  }
  Config config;
  config.array.rows = config.array.program_rows_per_cycle = config.top_n.tile_k = 1;
  config.top_n.register_entries = 128;
  const Trace trace = random_trace({1, 1, 1, 5, 100, 64, 8});
  const Outcome consecutive = simulate(trace, config, 1), interleaved = simulate(trace, config, 7);
  check_same_time_and_actions(consecutive.stats, interleaved.stats);
  check_same_results(consecutive.sink, interleaved.sink);
}

TEST_CASE("ties go to the lower key, of a tile's keys and of all candidates") {
  Config config;
  config.top_n.n = 5;
  const Trace trace = trace_of_ties({1, 1, 1, 1, 64, 64, 8});  // four tiles, two candidates each
  CHECK(kept_keys(simulate(trace, config, 1), 0) == std::vector<std::uint32_t>{0, 1, 16, 17, 32});
  // Tiles {0, 2, ...} {1, 3, ...} {32, 34, ...} {33, 35, ...}
  CHECK(kept_keys(simulate(trace, config, 2), 0) == std::vector<std::uint32_t>{0, 1, 2, 3, 32});
  // Three tiles of 48 keys, then one of 16.
  CHECK(kept_keys(simulate(trace, config, 3), 0) == std::vector<std::uint32_t>{0, 1, 2, 3, 4});
  CHECK(kept_keys(simulate(trace, config, all_tiles), 0) == std::vector<std::uint32_t>{0, 1, 2, 3, 4});
  config.top_n.n = 8;
  CHECK(kept_keys(simulate(trace, config, 3), 0) == std::vector<std::uint32_t>{0, 1, 2, 3, 4, 5, 48, 49});
}

TEST_CASE("neighbours that crowd a tile are all kept when they lie in tiles of their own") {
  // Keys 32 to 35 match, the others do not; rows 16, two candidates per tile.
  std::uint32_t element = 0;
  const Trace trace = make_trace({1, 1, 1, 1, 64, 32, 8}, 1, [&] {
    const std::uint32_t key = element / 32 - 1;  // the first row is the query
    const bool of_keys = element >= 32 && element < 32 + 64 * 32;
    ++element;
    return of_keys && (key < 32 || key > 35) ? -1.0f : 1.0f;
  });
  Config config;
  config.top_n.n = 4;
  CHECK(kept_keys(simulate(trace, config, 1), 0) == std::vector<std::uint32_t>{32, 33, 0, 1});
  CHECK(kept_keys(simulate(trace, config, 4), 0) == std::vector<std::uint32_t>{32, 33, 34, 35});
}

TEST_CASE("with causality interleaved tiles are not left out: searches are those of a formula") {
  Trace trace = random_trace({1, 2, 2, 256, 256, 64, 8});
  trace.causal = true;
  const std::uint64_t rows = 16, tiles = 16, heads = 2;
  for (const std::uint64_t interleave : {1u, 2u, 4u, 8u, 16u}) {
    std::uint64_t searches = 0;
    for (std::uint64_t query = 0; query < 256; ++query) {
      const std::uint64_t block = query / (interleave * rows), in_block = query % (interleave * rows);
      searches += block * interleave + std::min(in_block + 1, interleave);  // full blocks, then its own
    }
    const Outcome outcome = simulate(trace, {}, static_cast<std::uint32_t>(interleave));
    CAPTURE(interleave);
    CHECK(outcome.stats.counts.cam_array_search == heads * searches);
    CHECK(outcome.stats.counts.converter_convert == heads * searches * rows);
    CHECK(outcome.stats.counts.cam_array_program == heads * searches * rows / 4);
    if (interleave == 1) CHECK(searches == rows * tiles * (tiles + 1) / 2);
    if (interleave == tiles) CHECK(searches == tiles * (tiles - 1) / 2 + (256 - tiles + 1) * tiles);
  }
}

TEST_CASE("a window's keys lie in as many tiles as there are keys, as far as there are tiles") {
  Trace trace = random_trace({1, 1, 1, 200, 200, 64, 8});
  trace.causal = true;
  trace.window = 9;
  const std::uint64_t tiles = 13;  // of 16 rows; the last are not full, because all 200 keys are dealt to all of them
  std::uint64_t interleaved = 0, consecutive = 0;
  for (std::uint64_t query = 0; query < 200; ++query) {
    const std::uint64_t first = query < 8 ? 0 : query - 8;
    interleaved += std::min(query - first + 1, tiles);
    consecutive += query / 16 - first / 16 + 1;
  }
  CHECK(simulate(trace, {}, all_tiles).stats.counts.cam_array_search == interleaved);
  CHECK(simulate(trace, {}, 1).stats.counts.cam_array_search == consecutive);
}

TEST_CASE("a last block's tiles share its keys, which changes what is programmed") {
  // 20 keys in two tiles: 16 and 4, or 10 and 10. Four rows are written in a cycle.
  const Trace trace = random_trace({1, 1, 1, 1, 20, 64, 8});
  CHECK(simulate(trace, {}, 1).stats.counts.cam_array_program == 4 + 1);
  CHECK(simulate(trace, {}, 2).stats.counts.cam_array_program == 3 + 3);
  Config config;
  config.memory.key_load = HeadLoad::modelled;
  CHECK(simulate(trace, config, 1).stats.counts.key_sram_write == 4 + 1);
  CHECK(simulate(trace, config, 2).stats.counts.key_sram_write == 3 + 3);
}
