// SPDX-License-Identifier: Apache-2.0
#include "engines/fast/engine.h"

#include <cstring>
#include <stdexcept>

#include "kernels/contextualization.h"
#include "kernels/softmax.h"
#include "support/catch.h"
#include "support/collecting_sink.h"
#include "support/random_machine.h"

using namespace capcam;
using namespace capcam::testing;

namespace {

struct Outcome {
  RunStats stats;
  CollectingSink sink;
  const StageCycles& stage(const std::string& name) const {
    for (const StageCycles& stage : stats.stages) {
      if (stage.name == name) return stage;
    }
    throw std::out_of_range(name);
  }
};

Outcome simulate(const Trace& trace, const Config& config, unsigned threads = 1) {
  Outcome outcome;
  const Workload workload(trace, config);
  outcome.stats = simulate_fast(workload, config, map_onto(trace.shape, config), outcome.sink, threads);
  check_conservation(outcome.stats);
  return outcome;
}

enum class SyntheticKeys { all, none };

// Makes queries of ones, and keys that match everywhere or nowhere.
Trace trace_of_equal_keys(const TraceShape& shape, bool match) {
  const std::uint64_t queries = shape.queries * shape.head_dim, keys = shape.keys * shape.head_dim;
  std::uint64_t element = 0;
  return make_trace(shape, 1, [=]() mutable {
    const bool of_key = element >= queries && element < queries + keys;
    ++element;
    return of_key && !match ? -1.0f : 1.0f;
  });
}

// Makes one head of the published shape.
TraceShape one_head(std::uint64_t queries, std::uint64_t keys = 1024) { return {1, 1, 1, queries, keys, 64, 64}; }

std::uint64_t lone_latency(const Config& config, std::uint64_t keys = 1024) {
  return simulate(random_trace(one_head(1, keys)), config).stats.cycles;
}

void check_equal(const Outcome& a, const Outcome& b) {
  CHECK(a.stats.cycles == b.stats.cycles);
  CHECK(a.stats.steady_interval_cycles == b.stats.steady_interval_cycles);
  for (std::size_t i = 0; i < a.stats.stages.size(); ++i) {
    CHECK(a.stats.stages[i].busy == b.stats.stages[i].busy);
    CHECK(a.stats.stages[i].blocked == b.stats.stages[i].blocked);
  }
  CHECK(std::memcmp(&a.stats.counts, &b.stats.counts, sizeof(ActionCounts)) == 0);
  for (std::size_t i = 0; i < a.stats.heads.size(); ++i) {
    CHECK(a.stats.heads[i].empty_queries == b.stats.heads[i].empty_queries);
  }
  CHECK(a.sink.results == b.sink.results);
}

// The default design at n = 1024, D = Dv = 64, N = 32: 64 tiles.
constexpr std::uint64_t drain = 2 + 2 + 2 + 1;  // convert, scale, select, write
constexpr std::uint64_t association = 64 * (4 + 1) + drain;
constexpr std::uint64_t normalization = 6 + 32 + 32 * 3;
constexpr std::uint64_t contextualization = 32 * 64 / 8 + 4;

}  // namespace

TEST_CASE("a lone head-query of the default design takes 327 + 134 + 260 cycles") {
  const Outcome outcome = simulate(random_trace(one_head(1)), {});
  CHECK(outcome.stats.cycles == association + normalization + contextualization);
  CHECK(outcome.stats.first_query_latency == outcome.stats.cycles);
  CHECK(outcome.stats.steady_interval_cycles == static_cast<double>(outcome.stats.cycles));
  CHECK(outcome.stage("association").busy == association);
  CHECK(outcome.stage("normalization").busy == normalization);
  CHECK(outcome.stage("contextualization").busy == contextualization);
  CHECK(outcome.stage("key_programming").busy == 64 * 4);
  CHECK(outcome.stage("cam_array").busy == 64);
  CHECK(outcome.stage("sensing").busy == 64 * 2);
  CHECK(outcome.stage("merge").busy == 3 * 6);
  CHECK(outcome.stage("softmax").busy == normalization - 6);
  // Every tile's rows are 24 cycles on their way, and the next tile's are requested 5 cycles later.
  CHECK(outcome.stage("prefetch").busy == 63 * 5 + 24);
}

TEST_CASE("the default design completes a head-query per 327 cycles in steady state") {
  const Outcome outcome = simulate(random_trace(one_head(40)), {});
  CHECK(outcome.stats.steady_interval_cycles == static_cast<double>(association));
  CHECK(outcome.stats.cycles == 40 * association + normalization + contextualization);
  CHECK(outcome.stats.heads[0].first_cycle == 0);
  CHECK(outcome.stats.heads[0].last_cycle == outcome.stats.cycles);
  CHECK(outcome.sink.results.at({0, 39}).cycle == outcome.stats.cycles);
  CHECK(outcome.sink.results.at({0, 0}).cycle == association + normalization + contextualization);
}

TEST_CASE("the actions of a head-query of the default design are the published ones") {
  const ActionCounts counts = simulate(random_trace(one_head(1)), {}).stats.counts;
  CHECK(counts.query_buffer_write + counts.query_buffer_read == 65);
  CHECK(counts.key_sram_read == 256);
  CHECK(counts.cam_array_program + counts.cam_array_search == 320);
  CHECK(counts.converter_convert == 64 * 16);
  CHECK(counts.score_scaler_scale == 64 * 16);
  CHECK(counts.tile_selector_select == 64);
  CHECK(counts.candidate_register_write == 66);
  CHECK(counts.merger_merge == 3);
  CHECK(counts.exp_table_lookup == 32);
  CHECK(counts.output_buffer_read + counts.output_buffer_write == 96);
  CHECK(counts.value_sram_read + counts.value_sram_write == 320);
  CHECK(counts.value_mac_mac == 32 * 64);
  CHECK(counts.dram_access == 64);
  CHECK(counts.dram_value_bytes == 64 * 2 * 64 * 2);
  CHECK(counts.dram_key_bytes == 1024 * 64 / 8);  // loaded once, out of sight
  CHECK(counts.key_sram_write == 64 * 4);
}

TEST_CASE("arrays, rows and pipelines change a lone head-query's latency as the rules say") {
  Config config;
  config.array.count = 4;  // 16 rounds of tiles
  CHECK(lone_latency(config) == 16 * 5 + drain + normalization + contextualization);
  config = {};
  config.array.rows = 32;  // 32 tiles of 8 program cycles and a search
  CHECK(lone_latency(config) == 32 * (8 + 1) + drain + normalization + contextualization);
  config = {};
  config.softmax.pipelined_divider = true;
  CHECK(lone_latency(config) == association + (6 + 32 + (32 + 3)) + contextualization);
  config = {};
  config.value.pipelined_mac = false;
  CHECK(lone_latency(config) == association + normalization + 256 * 4);
  config = {};
  config.sensing.conversion_cycles = 9;  // longer than a tile's 5 cycles: the array waits for its converters
  CHECK(lone_latency(config) == 5 + 64 * 9 + (2 + 2 + 1) + normalization + contextualization);
  config = {};
  config.array.columns = 32;  // two segments per tile
  CHECK(lone_latency(config) == 128 * 5 + drain + normalization + contextualization);
  // Tiles of 16 and 4 keys; the last rows' 24 cycles from DRAM outlast the normalization of 4 keys (6 + 4 + 4 * 3).
  CHECK(lone_latency({}, 20) == (4 + 1) + (1 + 1) + drain + 24 + (4 * 64 / 8 + 4));
}

TEST_CASE("an overlapped query enters when the array has done its last search") {
  Config config;
  config.pipeline.query_overlap = true;
  const Outcome outcome = simulate(random_trace(one_head(40)), config);
  CHECK(outcome.stats.cycles == 39 * 64 * 5 + association + normalization + contextualization);
}

TEST_CASE("a tile programmed for several queries costs its programming once") {
  Config config;
  config.array.queries_per_program = 8;
  config.array.search_cycles = 2;  // as long as a conversion
  config.memory.value_source = ValueSource::sram;
  config.memory.value_sram_kib = 128;
  config.top_n.register_entries = 128;  // no shadow merges
  const Outcome outcome = simulate(random_trace(one_head(8)), config);
  CHECK(outcome.stats.counts.key_sram_read == 64 * 4);
  // The first lane has its last search 7 searches before the last lane. Queries then leave one per contextualization.
  CHECK(outcome.stats.first_query_latency == 64 * (4 + 8 * 2) - 7 * 2 + drain + normalization + contextualization);
  CHECK(outcome.stats.cycles == outcome.stats.first_query_latency + 7 * contextualization);
}

TEST_CASE("resident keys are programmed once a head, and once for query heads that share them") {
  Config config;
  config.array.count = 64;
  const Outcome one = simulate(random_trace(one_head(3)), config);
  CHECK(one.stats.counts.cam_array_program == 64 * 4);
  CHECK(one.stats.first_query_latency == 4 + 1 + drain + 2 * 6 + normalization + contextualization);
  const Outcome grouped = simulate(random_trace({1, 4, 2, 3, 1024, 64, 64}), config);
  CHECK(grouped.stats.counts.cam_array_program == 2 * 64 * 4);
}

TEST_CASE("modelled keys come before a head's first query, later heads' in the shadow of the one before") {
  Config config;
  config.memory.key_load = HeadLoad::modelled;
  config.memory.bandwidth_gb_s = 64.0;  // bytes per cycle
  config.memory.value_source = ValueSource::sram;
  config.memory.value_sram_kib = 128;
  const std::uint64_t load = 1024 * 64 / 8 / 64 + 24;
  const std::uint64_t first = load + association;
  const std::uint64_t rest = normalization + contextualization;
  // One head's 8 KiB fill the key SRAM: the next head's come when the last query has drained.
  CHECK(simulate(random_trace({1, 2, 2, 1, 1024, 64, 64}), config).stats.cycles == 2 * first + rest);
  config.memory.key_sram_kib = 16;
  CHECK(simulate(random_trace({1, 2, 2, 1, 1024, 64, 64}), config).stats.cycles == first + association + rest);
  CHECK(simulate(random_trace({1, 2, 1, 1, 1024, 64, 64}), config).stats.counts.dram_key_bytes == 1024 * 64 / 8);
}

TEST_CASE("every load of a head is counted, and a hidden one takes no time") {
  constexpr std::uint64_t keys = 1024, key_bytes = keys * 64 / 8, value_bytes = keys * 64 * 2;
  Config config;
  const ActionCounts streamed = simulate(random_trace(one_head(1)), config).stats.counts;
  CHECK(streamed.dram_key_bytes == key_bytes);
  CHECK(streamed.key_sram_write == streamed.key_sram_read);  // a lone query reads each word once
  config.memory.value_source = ValueSource::sram;
  config.memory.value_sram_kib = 128;
  for (const std::uint64_t queries : {1, 7}) {
    for (const std::uint64_t query_heads : {1, 3}) {
      const Outcome outcome = simulate(random_trace({2, query_heads, 1, queries, keys, 64, 64}), config);
      const std::uint64_t loads = 2;  // a load for each key/value head, not for each query, nor for each query head
      const ActionCounts& counts = outcome.stats.counts;
      CHECK(counts.dram_key_bytes == loads * key_bytes);
      CHECK(counts.key_sram_write == loads * 64 * 4);
      CHECK(counts.dram_value_bytes == loads * value_bytes);
      CHECK(counts.value_sram_write_byte == loads * value_bytes);
      CHECK(counts.value_sram_write == loads * keys);
      const std::uint64_t all = 2 * query_heads * queries;
      CHECK(outcome.stats.cycles == all * association + normalization + contextualization);
    }
  }
}

TEST_CASE("a modelled load of values holds contextualization up, and the next one waits for its room") {
  Config config;
  config.memory.value_source = ValueSource::sram;
  config.memory.value_load = HeadLoad::modelled;
  config.memory.bandwidth_gb_s = 64.0;  // bytes per cycle
  config.memory.value_sram_kib = 128;   // the rows of one head
  const std::uint64_t transfer = 1024 * 64 * 2 / 64, load = transfer + 24;
  CHECK(load > association + normalization);
  const auto run = [&](const TraceShape& shape) { return simulate(random_trace(shape), config); };
  const Outcome lone = run(one_head(1));
  CHECK(lone.stats.cycles == load + contextualization);
  CHECK(lone.stage("prefetch").busy == load);
  // The second head's rows are requested when the first head's only query is complete.
  CHECK(run({1, 2, 2, 1, 1024, 64, 64}).stats.cycles == 2 * (load + contextualization));
  // Two query heads share a load: the second query follows the first.
  CHECK(run({1, 2, 1, 1, 1024, 64, 64}).stats.cycles == load + 2 * contextualization);
  config.memory.value_sram_kib = 256;  // the second head's transfer follows the first's
  CHECK(run({1, 2, 2, 1, 1024, 64, 64}).stats.cycles == load + transfer + contextualization);
  config.memory.bandwidth_gb_s = std::numeric_limits<double>::infinity();  // 24 cycles are over before they matter
  CHECK(run({1, 2, 2, 1, 1024, 64, 64}).stats.cycles == 2 * association + normalization + contextualization);
}

TEST_CASE("keys that do not fit are fetched tile by tile") {
  Config config;
  config.memory.key_sram_kib = 1;  // eight tiles of 128 bytes
  const Outcome outcome = simulate(random_trace(one_head(1)), config);
  // The first tiles are there after the latency and take 5 cycles each. A fetch requested at the end of a tile's
  // programming is there 24 cycles later, in time for the tile after the next seven (8 * 5 cycles).
  CHECK(outcome.stats.cycles == 24 + association + normalization + contextualization);
  CHECK(outcome.stats.counts.dram_key_bytes == 64 * 128);
  CHECK(outcome.stats.counts.key_sram_write == 64 * 4);
}

TEST_CASE("a query without a valid key is empty and costs a query buffer write") {
  Trace trace = random_trace(one_head(3, 32));
  set_mask(trace, 0, std::vector<bool>(32, false));
  const Outcome outcome = simulate(trace, {});
  CHECK(outcome.stats.cycles == 0);
  CHECK(outcome.stats.heads[0].empty_queries == 3);
  CHECK(outcome.stats.counts.query_buffer_write == 3);
  CHECK(outcome.stats.counts.merger_merge == 0);
  CHECK(outcome.sink.results.at({0, 1}).selection.empty());
  CHECK(outcome.sink.results.at({0, 1}).output == std::vector<float>(64, 0.0f));
}

TEST_CASE("random machines account for every cycle, and threads change nothing") {
  for (std::uint32_t seed = 1000; seed < 1150; ++seed) {
    CAPTURE(seed);
    const RandomMachine random = random_machine(seed);
    const Outcome one = simulate(random.trace, random.config, 1);
    CHECK(one.sink.taken == one.stats.head_queries);
    check_equal(one, simulate(random.trace, random.config, 3));
  }
}

TEST_CASE("a sink that throws ends the run with its error") {
  struct Thrower final : ResultSink {
    void take(const QueryResult& result) override {
      if (result.query == 70) throw std::runtime_error("full");
    }
  } sink;
  const Trace trace = random_trace({1, 2, 2, 200, 64, 16, 8});
  const Config config;
  const Workload workload(trace, config);
  CHECK_THROWS_WITH(simulate_fast(workload, config, map_onto(trace.shape, config), sink, 2), "full");
}

TEST_CASE("a flash converter is a successive approximation that takes one cycle") {
  Config sar, flash;
  sar.sensing.conversion_cycles = 1;
  flash.sensing.kind = "flash";
  flash.sensing.conversion_cycles = 7;  // unused
  const Trace trace = random_trace(one_head(5, 200));
  check_equal(simulate(trace, sar), simulate(trace, flash));
}

TEST_CASE("a ramp keeps the keys that a successive approximation of as many bits keeps, in a time of its own") {
  Config sar, ramp;
  ramp.sensing.kind = "ramp";
  const Trace trace = random_trace(one_head(5, 200));
  const Outcome a = simulate(trace, sar), b = simulate(trace, ramp);
  for (const auto& [which, result] : a.sink.results) {
    CHECK(b.sink.results.at(which).selection == result.selection);
    CHECK(b.sink.results.at(which).output == result.output);
  }
  CHECK(b.stage("sensing").busy == b.stats.counts.converter_ramp_step);  // one cycle per step
  CHECK(a.stats.counts.converter_ramp_step == 0);
  ramp.sensing.ramp_step_cycles = 3;
  const Outcome slow = simulate(trace, ramp);
  CHECK(slow.stage("sensing").busy == 3 * b.stats.counts.converter_ramp_step);
  CHECK(slow.stats.cycles > b.stats.cycles);
}

TEST_CASE("a ramp is done after one step a tile when every key matches the query, after all steps when none does") {
  Config config;
  config.sensing.kind = "ramp";
  const auto steps_of = [&config](SyntheticKeys keys) {
    return simulate(trace_of_equal_keys(one_head(1, 64), keys == SyntheticKeys::all), config)
        .stats.counts.converter_ramp_step;
  };
  CHECK(steps_of(SyntheticKeys::all) == 4 * 1);
  CHECK(steps_of(SyntheticKeys::none) == 4 * 63);
}
