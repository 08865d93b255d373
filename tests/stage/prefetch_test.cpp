// SPDX-License-Identifier: Apache-2.0
#include "engines/systemc/prefetch.h"

#include "support/catch.h"
#include "support/stage_bench.h"

using namespace capcam;
using namespace capcam::testing;

namespace {

constexpr Cycle latency = 20;
constexpr std::uint32_t value_dim = 512;  // a row takes 1 KiB in bf16, so 16 rows fit 16 KiB

void slow_memory(Config& config) {
  config.memory.value_source = ValueSource::dram_prefetch;
  config.memory.value_sram_kib = 16;
  config.memory.latency_cycles = latency;
  config.top_n.n = 8;
}

struct Wish {
  Cycle at;
  std::uint64_t query;
  std::vector<std::uint32_t> keys;  // sorted
};

// The value SRAM of a core: bursts that are fetched, candidates that are dropped, queries that are done.
struct Bench {
  Bench(StageCase& c, std::vector<Wish> fetched, std::vector<Wish> dropped, std::vector<Wish> finished)
      : dram("dram", c.clock, c.config),
        fetches(c.clock, 16),
        drops(c.clock, 16),
        done(c.clock, 16),
        stage("stage", c.clock, c.config, c.mapping, value_dim, 0, fetches, drops, done, dram, c.counts),
        fetcher(
            "fetcher", c.clock, fetches, fetched.size(), [fetched](std::size_t i) { return fetched[i].at; },
            [fetched](std::size_t i, RowMessage& m) {
              m = {RowMessage::Kind::fetch, nullptr, fetched[i].query, fetched[i].keys};
            }),
        dropper(
            "dropper", c.clock, drops, dropped.size(), [dropped](std::size_t i) { return dropped[i].at; },
            [dropped](std::size_t i, RowMessage& m) {
              m = {RowMessage::Kind::drop, nullptr, dropped[i].query, dropped[i].keys};
            }),
        finisher(
            "finisher", c.clock, done, finished.size(), [finished](std::size_t i) { return finished[i].at; },
            [finished](std::size_t i, RowMessage& m) {
              m = {RowMessage::Kind::done, nullptr, finished[i].query, {}};
            }) {
    stage.bind_waiting_reader(reader);
  }
  sc_core::sc_event reader;  // stands for the value units, which are not here
  Dram dram;
  Fifo<RowMessage> fetches, drops, done;
  Prefetch stage;
  Source<RowMessage> fetcher, dropper, finisher;
};

std::vector<std::uint32_t> rows(std::uint32_t first, std::uint32_t count) {
  std::vector<std::uint32_t> keys;
  for (std::uint32_t i = 0; i < count; ++i) keys.push_back(first + i);
  return keys;
}

constexpr TraceShape shape{1, 1, 1, 4, 64, 64, 8};

}  // namespace

TEST_CASE("a burst's rows are there a DRAM latency after they were asked for") {
  StageCase c(shape, slow_memory);
  Bench bench(c, {{10, 0, rows(0, 4)}, {13, 0, rows(16, 4)}}, {}, {});
  bench.stage.enter(0);
  sc_core::sc_start();
  CHECK(bench.stage.rows_there(0) == 13 + latency);
  CHECK(c.counts.dram_access == 2);
  CHECK(c.counts.dram_value_bytes == 8 * 1024);
}

TEST_CASE("bursts that fit do not wait for one another") {
  StageCase c(shape, slow_memory);
  Bench bench(c, {{10, 0, rows(0, 8)}, {10, 1, rows(0, 8)}}, {}, {});
  bench.stage.enter(0);
  bench.stage.enter(1);
  sc_core::sc_start();
  CHECK(bench.stage.rows_there(0) == 10 + latency);
  CHECK(bench.stage.rows_there(1) == 10 + latency);
}

TEST_CASE("a burst without slots waits for the query that holds them, and then comes, once") {
  StageCase c(shape, slow_memory);
  Bench bench(c, {{10, 0, rows(0, 8)}, {11, 1, rows(0, 8)}, {12, 2, rows(0, 8)}}, {}, {{100, 0, {}}});
  for (std::uint64_t query = 0; query < 3; ++query) bench.stage.enter(query);
  run_to_eve_of(c.clock, 100);
  CHECK(bench.stage.rows_there(2) == never);
  sc_core::sc_start();
  CHECK(bench.stage.rows_there(1) == 11 + latency);
  CHECK(bench.stage.rows_there(2) == 100 + latency);
  CHECK(c.counts.dram_access == 3);
}

TEST_CASE("slots that an older query may still need are kept for it") {
  StageCase c(shape, slow_memory);
  // Query 0 has 4 rows and may need 4 more: 8 of the 16 slots are left to others.
  Bench bench(c, {{10, 0, rows(0, 4)}, {11, 1, rows(0, 8)}, {12, 2, rows(0, 1)}, {50, 0, rows(16, 4)}}, {},
              {{90, 0, {}}});
  for (std::uint64_t query = 0; query < 3; ++query) bench.stage.enter(query);
  run_to_eve_of(c.clock, 90);
  CHECK(bench.stage.rows_there(0) == 50 + latency);  // it got its slots at once
  CHECK(bench.stage.rows_there(2) == never);
  sc_core::sc_start();
  CHECK(bench.stage.rows_there(2) == 90 + latency);
}

TEST_CASE("a dropped row gives its slot back, and one that still waits is not fetched at all") {
  StageCase c(shape, slow_memory);
  Bench bench(c, {{10, 0, rows(0, 8)}, {11, 1, rows(0, 8)}, {12, 1, rows(16, 2)}, {13, 1, rows(32, 2)}},
              {{40, 1, {0, 1, 32, 33}}}, {});
  bench.stage.enter(0);
  bench.stage.enter(1);
  sc_core::sc_start();
  CHECK(bench.stage.rows_there(1) == 40 + latency);  // the second burst, in the slots of rows 0 and 1
  CHECK(c.counts.dram_value_bytes == (8 + 8 + 2) * 1024);
}

TEST_CASE("prefetch: every cycle is busy, starved or blocked") {
  StageCase c(shape, slow_memory);
  Bench bench(c, {{10, 0, rows(0, 8)}, {60, 1, rows(0, 8)}, {70, 2, rows(0, 8)}}, {}, {{100, 0, {}}});
  for (std::uint64_t query = 0; query < 3; ++query) bench.stage.enter(query);
  sc_core::sc_start();
  bench.stage.finish(200);
  CHECK(bench.stage.ledger.blocked() == 100 - 70);                    // the third burst waits
  CHECK(bench.stage.ledger.busy() == latency + (70 - 60) + latency);  // the second is hidden behind the wait from 70 on
  CHECK(conserves(bench.stage.ledger, 200));
}

TEST_CASE("bursts follow one another without a gap at the bandwidth of the DRAM") {
  StageCase c(shape, [](Config& config) {
    slow_memory(config);
    config.memory.bandwidth_gb_s = 16;  // a row of 1 KiB takes 64 cycles
  });
  Bench bench(c, {{10, 0, rows(0, 8)}, {11, 1, rows(0, 8)}}, {}, {});
  bench.stage.enter(0);
  bench.stage.enter(1);
  sc_core::sc_start();
  CHECK(bench.stage.rows_there(0) == 10 + 8 * 64 + latency);
  CHECK(bench.stage.rows_there(1) == 10 + 16 * 64 + latency);
  bench.stage.finish(2000);
  CHECK(bench.stage.ledger.busy() == 16 * 64 + latency);
  CHECK(bench.stage.ledger.blocked() == 0);
  CHECK(conserves(bench.stage.ledger, 2000));
}

TEST_CASE("a slot that is freed in the cycle of a request serves it") {
  StageCase c(shape, slow_memory);
  Bench bench(c, {{10, 0, rows(0, 8)}, {11, 1, rows(0, 8)}, {100, 2, rows(0, 8)}}, {}, {{100, 0, {}}});
  for (std::uint64_t query = 0; query < 3; ++query) bench.stage.enter(query);
  sc_core::sc_start();
  CHECK(bench.stage.rows_there(2) == 100 + latency);
  bench.stage.finish(200);
  CHECK(bench.stage.ledger.blocked() == 0);
}

TEST_CASE("a request that waits lets no later one pass, though that would fit") {
  StageCase c(shape, [](Config& config) {
    slow_memory(config);
    config.top_n.n = 7;
  });
  // Queries 0 and 1 hold 7 slots each and need no more; of the 2 left query 2 asks for 3, then for 1.
  Bench bench(c, {{10, 0, rows(0, 7)}, {11, 1, rows(0, 7)}, {12, 2, rows(0, 3)}, {13, 2, rows(16, 1)}}, {},
              {{60, 0, {}}});
  for (std::uint64_t query = 0; query < 3; ++query) bench.stage.enter(query);
  run_to_eve_of(c.clock, 60);
  CHECK(c.counts.dram_access == 2);
  sc_core::sc_start();
  CHECK(bench.stage.rows_there(2) == 60 + latency);
  CHECK(c.counts.dram_access == 4);
}

namespace {

void check_all_rows_come(bool slow) {
  std::vector<Wish> fetched, finished;
  for (std::uint64_t query = 0; query < 4; ++query) {
    fetched.push_back({10 + 2 * query, query, rows(0, 4)});
    fetched.push_back({11 + 2 * query, query, rows(16, 4)});
    finished.push_back({3000 + 1000 * query, query, {}});
  }
  StageCase c(shape, [&](Config& config) {
    slow_memory(config);
    config.memory.value_sram_kib = slow ? 16 : 64;  // two queries' rows, or all
    if (slow) config.memory.bandwidth_gb_s = 4;     // 1024 cycles per burst
  });
  Bench bench(c, fetched, {}, finished);
  for (std::uint64_t query = 0; query < 4; ++query) bench.stage.enter(query);
  run_to_eve_of(c.clock, 3000);
  CHECK(bench.stage.rows_there(0) == (slow ? 10 + 2 * 1024 : 11) + latency);
  CHECK((bench.stage.rows_there(3) == never) == slow);
  sc_core::sc_start();
  CHECK(c.counts.dram_access == 8);
  CHECK(c.counts.dram_value_bytes == 4 * 8 * 1024);
}

}  // namespace

TEST_CASE("with slots for all and a fast DRAM every row comes once") { check_all_rows_come(false); }
TEST_CASE("with few slots and a slow DRAM the same rows come, later") { check_all_rows_come(true); }
