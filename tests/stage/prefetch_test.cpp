// SPDX-License-Identifier: Apache-2.0
#include "engines/systemc/prefetch.h"

#include "engines/systemc/answer_queue.h"
#include "engines/systemc/dram_channel.h"

#include "support/catch.h"
#include "support/stage_bench.h"

using namespace capcam;
using namespace capcam::systemc;
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

// The value SRAM of a core and the built-in memory: queries enter at 0, bursts are fetched, candidates are dropped; at
// `keeps` a query's last merge ends, and its rows are handed over when all are there; queries are done.
struct Bench final : private MemoryAnswerIf {
  Bench(StageCase& c_, std::vector<Wish> fetched, std::vector<Wish> dropped, std::vector<Wish> keeps,
        std::vector<Wish> finished)
      : c(c_),
        memory("dram", c.clock, c.config),
        entries("entries", c.clock, 16),
        fetches("fetches", c.clock, 16),
        drops("drops", c.clock, 16),
        kept("kept", c.clock, 16),
        done("done", c.clock, 16),
        answers("answers", c.clock),
        rows("rows", c.clock, 1),
        stage(model_prefetch("stage", c.context)),
        dispatch(
            "dispatch", c.clock, entries, c.groups.size(), [](std::size_t) { return Cycle(0); },
            [this](std::size_t i, GroupEntry& g) {
              g = {c.groups.at(i).queries, c.groups.at(i).last_of_head};
            }),
        fetcher(
            "fetcher", c.clock, fetches, fetched.size(), [fetched](std::size_t i) { return fetched[i].at; },
            [fetched](std::size_t i, RowFetch& m) {
              m = {fetched[i].query, fetched[i].keys};
            }),
        dropper(
            "dropper", c.clock, drops, dropped.size(), [dropped](std::size_t i) { return dropped[i].at; },
            [dropped](std::size_t i, RowDrop& m) {
              m = {dropped[i].query, dropped[i].keys};
            }),
        keeper(
            "keeper", c.clock, kept, keeps.size(), [keeps](std::size_t i) { return keeps[i].at; },
            [keeps](std::size_t i, KeptRows& m) {
              m = {0, keeps[i].query, keeps[i].keys};
            }),
        finisher(
            "finisher", c.clock, done, finished.size(), [finished](std::size_t i) { return finished[i].at; },
            [finished](std::size_t i, QueryDone& m) { m = {finished[i].query}; }),
        sink("sink", c.clock, rows) {
    memory.answers(*this);
    stage->entries(entries);
    stage->fetches(fetches);
    stage->drops(drops);
    stage->kept(kept);
    stage->done(done);
    stage->memory(memory);
    stage->answers(answers);
    stage->rows(rows);
  }
  void answer(std::uint32_t, MemoryTraffic, std::uint64_t tag, const sc_core::sc_time& at) override {
    c.clock.read();
    answers.post(tag, c.clock.cycle_from(at));
  }
  // When the rows of a query's kept keys came, if they did.
  Cycle there(std::uint64_t query) const {
    for (std::size_t i = 0; i < sink.tokens.size(); ++i) {
      if (sink.tokens[i].sequence == query) return sink.ready[i];
    }
    return never;
  }
  StageCase& c;
  DramChannel memory;
  Fifo<GroupEntry> entries;
  Fifo<RowFetch> fetches;
  Fifo<RowDrop> drops;
  Fifo<KeptRows> kept;
  Fifo<QueryDone> done;
  AnswerQueue answers;
  Fifo<ValueRows> rows;
  std::unique_ptr<Prefetch> stage;
  Source<GroupEntry> dispatch;
  Source<RowFetch> fetcher;
  Source<RowDrop> dropper;
  Source<KeptRows> keeper;
  Source<QueryDone> finisher;
  Sink<ValueRows> sink;
};

std::vector<std::uint32_t> rows(std::uint32_t first, std::uint32_t count) {
  std::vector<std::uint32_t> keys;
  for (std::uint32_t i = 0; i < count; ++i) keys.push_back(first + i);
  return keys;
}

std::vector<std::uint32_t> operator+(std::vector<std::uint32_t> a, const std::vector<std::uint32_t>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

constexpr TraceShape shape{1, 1, 1, 4, 64, 64, value_dim};

}  // namespace

TEST_CASE("a burst's rows are there a DRAM latency after they were asked for") {
  StageCase c(shape, slow_memory);
  Bench bench(c, {{10, 0, rows(0, 4)}, {13, 0, rows(16, 4)}}, {}, {{14, 0, rows(0, 4) + rows(16, 4)}}, {});
  run_to_eve_of(c.clock, 13 + latency);
  CHECK(bench.there(0) == never);
  run_into(c.clock, 13 + latency);
  CHECK(bench.there(0) == 13 + latency);
  CHECK(c.counts.dram_access == 2);
  CHECK(c.counts.dram_value_bytes == 8 * 1024);
}

TEST_CASE("what is handed over is the kept rows as they lie in memory, best first, and they wait for the last merge") {
  StageCase c(shape, slow_memory);
  const std::vector<std::uint32_t> best{17, 2, 16};
  Bench bench(c, {{10, 1, rows(0, 4)}, {13, 1, rows(16, 4)}}, {}, {{99, 1, best}}, {});
  sc_core::sc_start();
  REQUIRE(bench.there(1) == 99);
  const ValueRows& came = bench.sink.tokens.front();
  CHECK(came.keys == best);
  std::vector<float> expected;
  for (const std::uint32_t key : best) {
    const auto row = c.group().head->value_row(key);
    expected.insert(expected.end(), row.begin(), row.end());
  }
  CHECK(came.values == expected);
}

TEST_CASE("bursts that fit do not wait for one another") {
  StageCase c(shape, slow_memory);
  Bench bench(c, {{10, 0, rows(0, 8)}, {10, 1, rows(0, 8)}}, {}, {{11, 0, rows(0, 8)}, {11, 1, rows(0, 8)}}, {});
  sc_core::sc_start();
  CHECK(bench.there(0) == 10 + latency);
  CHECK(bench.there(1) == 10 + latency);
}

TEST_CASE("a burst without slots waits for the query that holds them, and then comes, once") {
  StageCase c(shape, slow_memory);
  Bench bench(c, {{10, 0, rows(0, 8)}, {11, 1, rows(0, 8)}, {12, 2, rows(0, 8)}}, {},
              {{20, 0, rows(0, 8)}, {20, 1, rows(0, 8)}, {20, 2, rows(0, 8)}}, {{100, 0, {}}});
  run_to_eve_of(c.clock, 100);
  CHECK(bench.there(1) == 11 + latency);
  sc_core::sc_start();
  CHECK(bench.there(2) == 100 + latency);
  CHECK(c.counts.dram_access == 3);
}

TEST_CASE("rows of interleaved tiles are dropped whichever tile they came with") {
  StageCase c(shape, slow_memory);
  const std::vector<std::uint32_t> dropped{1, 2, 5, 6, 9, 10, 13, 14}, kept{0, 3, 4, 7, 8, 11, 12, 15};
  // All 16 slots are query 0's until a merge drops half of its rows.
  Bench bench(c,
              {{10, 0, {0, 4, 8, 12}},
               {11, 0, {1, 5, 9, 13}},
               {12, 0, {2, 6, 10, 14}},
               {13, 0, {3, 7, 11, 15}},
               {14, 1, rows(0, 8)}},
              {{40, 0, dropped}}, {{45, 0, kept}, {46, 1, rows(0, 8)}}, {});
  sc_core::sc_start();
  CHECK(bench.there(0) == 45);
  CHECK(bench.there(1) == 40 + latency);
}

TEST_CASE("slots that an older query may still need are kept for it") {
  StageCase c(shape, slow_memory);
  // Query 0 has 4 rows and may need 4 more: 8 of the 16 slots are left to others.
  Bench bench(c, {{10, 0, rows(0, 4)}, {11, 1, rows(0, 8)}, {12, 2, rows(0, 1)}, {50, 0, rows(16, 4)}}, {},
              {{51, 0, rows(0, 4) + rows(16, 4)}, {52, 1, rows(0, 8)}, {53, 2, rows(0, 1)}}, {{90, 0, {}}});
  run_to_eve_of(c.clock, 90);
  CHECK(bench.there(0) == 50 + latency);  // it got its slots at once
  CHECK(bench.there(2) == never);
  sc_core::sc_start();
  CHECK(bench.there(2) == 90 + latency);
}

TEST_CASE("a dropped row gives its slot back, and one that still waits is not fetched at all") {
  StageCase c(shape, slow_memory);
  Bench bench(c, {{10, 0, rows(0, 8)}, {11, 1, rows(0, 8)}, {12, 1, rows(16, 2)}, {13, 1, rows(32, 2)}},
              {{40, 1, {0, 1, 32, 33}}}, {{41, 0, rows(0, 8)}, {41, 1, rows(2, 6) + rows(16, 2)}}, {});
  sc_core::sc_start();
  CHECK(bench.there(1) == 40 + latency);  // the second burst, in the slots of rows 0 and 1
  CHECK(c.counts.dram_value_bytes == (8 + 8 + 2) * 1024);
}

TEST_CASE("what the last merge does not keep gives its slot back when it ends") {
  StageCase c(shape, [](Config& config) {
    slow_memory(config);
    config.top_n.n = 4;  // nobody who holds 4 slots needs more
  });
  Bench bench(c, {{10, 0, rows(0, 8)}, {11, 1, rows(0, 8)}, {12, 2, rows(0, 4)}}, {},
              {{50, 1, rows(0, 4)}, {51, 2, rows(0, 4)}}, {});
  sc_core::sc_start();
  CHECK(bench.there(1) == 50);
  CHECK(bench.there(2) == 50 + latency);
}

TEST_CASE("prefetch: every cycle is busy, starved or blocked") {
  StageCase c(shape, slow_memory);
  Bench bench(c, {{10, 0, rows(0, 8)}, {60, 1, rows(0, 8)}, {70, 2, rows(0, 8)}}, {}, {}, {{100, 0, {}}});
  run_into(c.clock, 200);
  bench.stage->finish(200);
  CHECK(bench.stage->ledger.blocked() == 100 - 70);  // the third burst waits
  CHECK(bench.stage->ledger.busy() ==
        latency + (70 - 60) + latency);  // the second is hidden behind the wait from 70 on
  CHECK(conserves(bench.stage->ledger, 200));
}

TEST_CASE("bursts follow one another without a gap at the bandwidth of the DRAM") {
  StageCase c(shape, [](Config& config) {
    slow_memory(config);
    config.memory.bandwidth_gb_s = 16;  // a row of 1 KiB takes 64 cycles
  });
  Bench bench(c, {{10, 0, rows(0, 8)}, {11, 1, rows(0, 8)}}, {}, {{20, 0, rows(0, 8)}, {20, 1, rows(0, 8)}}, {});
  sc_core::sc_start();
  CHECK(bench.there(0) == 10 + 8 * 64 + latency);
  CHECK(bench.there(1) == 10 + 16 * 64 + latency);
  bench.stage->finish(2000);
  CHECK(bench.stage->ledger.busy() == 16 * 64 + latency);
  CHECK(bench.stage->ledger.blocked() == 0);
  CHECK(conserves(bench.stage->ledger, 2000));
}

TEST_CASE("a slot that is freed in the cycle of a request serves it") {
  StageCase c(shape, slow_memory);
  Bench bench(c, {{10, 0, rows(0, 8)}, {11, 1, rows(0, 8)}, {100, 2, rows(0, 8)}}, {}, {{101, 2, rows(0, 8)}},
              {{100, 0, {}}});
  sc_core::sc_start();
  CHECK(bench.there(2) == 100 + latency);
  bench.stage->finish(200);
  CHECK(bench.stage->ledger.blocked() == 0);
}

TEST_CASE("a request that waits lets no later one pass, though that would fit") {
  StageCase c(shape, [](Config& config) {
    slow_memory(config);
    config.top_n.n = 7;
  });
  // Queries 0 and 1 hold 7 slots each and need no more; of the 2 left query 2 asks for 3, then for 1.
  Bench bench(c, {{10, 0, rows(0, 7)}, {11, 1, rows(0, 7)}, {12, 2, rows(0, 3)}, {13, 2, rows(16, 1)}}, {},
              {{20, 2, rows(0, 3) + rows(16, 1)}}, {{60, 0, {}}});
  run_to_eve_of(c.clock, 60);
  CHECK(c.counts.dram_access == 2);
  sc_core::sc_start();
  CHECK(bench.there(2) == 60 + latency);
  CHECK(c.counts.dram_access == 4);
}

TEST_CASE("a kept row that was never fetched is a broken law, not another row") {
  StageCase c(shape, slow_memory);
  Bench bench(c, {{10, 0, rows(0, 4)}}, {}, {{20, 0, rows(0, 4)}}, {});
  bench.fetches.disturb([](RowFetch& fetch) { fetch.keys.back() += 1; });
  CHECK_THROWS_WITH(sc_core::sc_start(), ContainsSubstring("keeps key 3, but its value row was not fetched"));
}

namespace {

void check_all_rows_come(bool slow) {
  std::vector<Wish> fetched, kept, finished;
  for (std::uint64_t query = 0; query < 4; ++query) {
    const auto late = static_cast<Cycle>(query);
    fetched.push_back({10 + 2 * late, query, rows(0, 4)});
    fetched.push_back({11 + 2 * late, query, rows(16, 4)});
    kept.push_back({30 + late, query, rows(0, 4) + rows(16, 4)});
    finished.push_back({5000 + 5000 * late, query, {}});
  }
  StageCase c(shape, [&](Config& config) {
    slow_memory(config);
    config.memory.value_sram_kib = slow ? 16 : 64;  // two queries' rows, or all
    if (slow) config.memory.bandwidth_gb_s = 4;     // 1024 cycles per burst
  });
  Bench bench(c, fetched, {}, kept, finished);
  run_to_eve_of(c.clock, 5000);
  CHECK(bench.there(0) == (slow ? 10 + 2 * 1024 : 11) + latency);
  CHECK((bench.there(3) == never) == slow);
  sc_core::sc_start();
  CHECK(bench.there(3) != never);
  CHECK(c.counts.dram_access == 8);
  CHECK(c.counts.dram_value_bytes == 4 * 8 * 1024);
}

}  // namespace

TEST_CASE("with slots for all and a fast DRAM every row comes once") { check_all_rows_come(false); }
TEST_CASE("with few slots and a slow DRAM the same rows come, later") { check_all_rows_come(true); }
