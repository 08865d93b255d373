// SPDX-License-Identifier: Apache-2.0
#include "engines/systemc/key_programming.h"

#include "support/catch.h"
#include "support/stage_bench.h"

using namespace capcam;
using namespace capcam::systemc;
using namespace capcam::testing;

namespace {

constexpr Cycle program = 16 / 4;  // rows of a tile / program_rows_per_cycle
constexpr Cycle tiles = 64 / 16;

// What one array does for the case's group, whose keys are in the key SRAM.
ArrayWork work_of(const StageCase& c) {
  const Group& group = c.group();
  return {group.head_index, group.queries.front().query, group.jobs[0], {group.head, &group.head->key_bits}};
}

// One group enters at `entry`; the array is the sink.
struct Bench {
  Bench(const std::string& name, StageCase& c, Cycle entry)
      : work((name + "_work").c_str(), c.clock, 2),
        programmed((name + "_programmed").c_str(), c.clock, 1),
        stage(model_key_programming((name + "_stage").c_str(), c.context)),
        source((name + "_source").c_str(), c.clock, work, 1, [entry](std::size_t) { return entry; },
               [&c](std::size_t, ArrayWork& token) { token = work_of(c); }) {
    stage->work(work);
    stage->tiles(programmed);
  }
  bool ready() { return programmed.front() != nullptr; }
  Fifo<ArrayWork> work;
  Fifo<ProgrammedTile> programmed;
  std::unique_ptr<KeyProgramming> stage;
  Source<ArrayWork> source;
};

}  // namespace

TEST_CASE("a tile is programmed ceil(keys / rows a cycle) after its group enters, not a cycle earlier") {
  StageCase c;
  Bench bench("b", c, 10);
  run_to_eve_of(c.clock, 10 + program);
  CHECK_FALSE(bench.ready());
  run_into(c.clock, 10 + program);
  CHECK(bench.ready());
}

TEST_CASE("a partial tile takes the cycles of the keys it holds") {
  StageCase c({1, 1, 1, 1, 5, 64, 8});  // 5 keys: two words of four rows
  Bench bench("b", c, 10);
  run_to_eve_of(c.clock, 10 + 2);
  CHECK_FALSE(bench.ready());
  run_into(c.clock, 10 + 2);
  CHECK(bench.ready());
}

TEST_CASE("tiles follow one another without a gap when the array is free") {
  StageCase c;
  Bench bench("b", c, 1);
  Sink<ProgrammedTile> sink("sink", c.clock, bench.programmed);
  sc_core::sc_start();
  REQUIRE(sink.ready.size() == tiles);
  for (Cycle i = 0; i < tiles; ++i) CHECK(sink.ready.at(i) == 1 + program * (i + 1));
}

TEST_CASE("an array that is searched is not programmed, and tiles keep their order") {
  StageCase c;
  Bench bench("b", c, 1);
  Sink<ProgrammedTile> sink("sink", c.clock, bench.programmed, [](std::size_t) { return Cycle(9); });
  sc_core::sc_start();
  REQUIRE(sink.tokens.size() == tiles);
  for (Cycle i = 0; i < tiles; ++i) {
    CHECK(sink.tokens[i].job.tile == i);
    CHECK(sink.ready[i] == 1 + program + i * (9 + program));
  }
  CHECK(sink.tokens.back().last_of_group);
}

TEST_CASE("key_programming: every cycle is busy, starved or blocked") {
  StageCase c;
  Bench bench("b", c, 20);
  Sink<ProgrammedTile> sink("sink", c.clock, bench.programmed, [](std::size_t) { return Cycle(3); });
  sc_core::sc_start();
  const Cycle end = 200;
  bench.stage->finish(end);
  CHECK(bench.stage->ledger.busy() == tiles * program);
  CHECK(bench.stage->ledger.blocked() == tiles * 3);  // searched, as long as the sink holds a tile
  CHECK(conserves(bench.stage->ledger, end));
  CHECK(c.counts.key_sram_read == tiles * program);
}

TEST_CASE("keys that are streamed are written when they have come, and their place in the key SRAM is free then") {
  StageCase c;
  Bench bench("b", c, 1);
  Fifo<StreamedKeys> keys("keys", c.clock, 1);
  Fifo<StreamedKeysUsed> used("used", c.clock, 2);
  bench.stage->keys(keys);
  bench.stage->used(used);
  const std::vector<Job> jobs = c.group().jobs[0];
  Source<StreamedKeys> stream(
      "stream", c.clock, keys, jobs.size(), [](std::size_t i) { return Cycle(20 + 30 * i); },
      [&](std::size_t i, StreamedKeys& token) {
        token.fetch = jobs[i].fetch;
        token.words.assign(16, i);
      });
  Sink<ProgrammedTile> sink("sink", c.clock, bench.programmed);
  Sink<StreamedKeysUsed> freed("freed", c.clock, used);
  sc_core::sc_start();
  REQUIRE(sink.tokens.size() == tiles);
  REQUIRE(freed.tokens.size() == tiles);
  for (Cycle i = 0; i < tiles; ++i) {
    CHECK(sink.ready[i] == 20 + 30 * i + program);
    CHECK(sink.tokens[i].words == std::vector<std::uint64_t>(16, i));
    CHECK(freed.ready[i] == sink.ready[i]);
    CHECK(freed.tokens[i].fetch == jobs[i].fetch);
  }
}

TEST_CASE("the keys of another fetch are refused") {
  StageCase c;
  Bench bench("b", c, 1);
  Fifo<StreamedKeys> keys("keys", c.clock, 1);
  Fifo<StreamedKeysUsed> used("used", c.clock, 2);
  bench.stage->keys(keys);
  bench.stage->used(used);
  Source<StreamedKeys> stream(
      "stream", c.clock, keys, 1, [](std::size_t) { return Cycle(20); },
      [&](std::size_t, StreamedKeys& token) { token.fetch = 3; });
  CHECK_THROWS_WITH(sc_core::sc_start(), ContainsSubstring("the keys of fetch 3 come for fetch 0"));
}

TEST_CASE("stalls of the array change when tiles are programmed, never what is written") {
  StageCase c;
  Bench free("free", c, 1);
  Bench held("held", c, 33);
  Sink<ProgrammedTile> fast("fast", c.clock, free.programmed);
  Sink<ProgrammedTile> slow("slow", c.clock, held.programmed, [](std::size_t i) { return Cycle(i * 7 % 5); });
  sc_core::sc_start();
  REQUIRE(fast.tokens.size() == slow.tokens.size());
  for (std::size_t i = 0; i < fast.tokens.size(); ++i) CHECK(fast.tokens[i].words == slow.tokens[i].words);
  CHECK(fast.ready != slow.ready);
}
