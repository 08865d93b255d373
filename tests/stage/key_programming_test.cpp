// SPDX-License-Identifier: Apache-2.0
#include "engines/systemc/key_programming.h"

#include "support/catch.h"
#include "support/stage_bench.h"

using namespace capcam;
using namespace capcam::testing;

namespace {

constexpr Cycle program = 16 / 4;  // rows of a tile / program_rows_per_cycle
constexpr std::uint32_t tiles = 64 / 16;

// One group enters at `entry`; the array is the sink.
struct Bench {
  Bench(const char* name, StageCase& c, Cycle entry)
      : groups(c.clock, 2),
        programmed(c.clock, 1),
        stage((std::string(name) + "_stage").c_str(), c.clock, c.mapping, 0, groups, programmed, nullptr, c.counts),
        source((std::string(name) + "_source").c_str(), c.clock, groups, 1, [entry](std::size_t) { return entry; },
               [&c](std::size_t, Group*& group) { group = &c.group(); }) {}
  Fifo<Group*> groups;
  Fifo<ProgrammedTile> programmed;
  KeyProgramming stage;
  Source<Group*> source;
};

}  // namespace

TEST_CASE("a tile is programmed ceil(keys / rows a cycle) after its group enters, not a cycle earlier") {
  StageCase c;
  Bench bench("b", c, 10);
  run_to_eve_of(c.clock, 10 + program);
  CHECK_FALSE(bench.programmed.ready());
  run_into(c.clock, 10 + program);
  CHECK(bench.programmed.ready());
}

TEST_CASE("a partial tile takes the cycles of the keys it holds") {
  StageCase c({1, 1, 1, 1, 5, 64, 8});  // 5 keys: two words of four rows
  Bench bench("b", c, 10);
  run_to_eve_of(c.clock, 10 + 2);
  CHECK_FALSE(bench.programmed.ready());
  run_into(c.clock, 10 + 2);
  CHECK(bench.programmed.ready());
}

TEST_CASE("tiles follow one another without a gap when the array is free") {
  StageCase c;
  Bench bench("b", c, 1);
  Sink<ProgrammedTile> sink("sink", c.clock, bench.programmed);
  sc_core::sc_start();
  REQUIRE(sink.ready.size() == tiles);
  for (std::size_t i = 0; i < tiles; ++i) CHECK(sink.ready[i] == 1 + program * (i + 1));
}

TEST_CASE("an array that is searched is not programmed, and tiles keep their order") {
  StageCase c;
  Bench bench("b", c, 1);
  Sink<ProgrammedTile> sink("sink", c.clock, bench.programmed, [](std::size_t) { return Cycle{9}; });
  sc_core::sc_start();
  REQUIRE(sink.tokens.size() == tiles);
  for (std::uint32_t i = 0; i < tiles; ++i) {
    CHECK(sink.tokens[i].job.tile == i);
    CHECK(sink.ready[i] == 1 + program + i * (9 + program));
  }
  CHECK(sink.tokens.back().last_of_group);
}

TEST_CASE("key_programming: every cycle is busy, starved or blocked") {
  StageCase c;
  Bench bench("b", c, 20);
  Sink<ProgrammedTile> sink("sink", c.clock, bench.programmed, [](std::size_t) { return Cycle{3}; });
  sc_core::sc_start();
  const Cycle end = 200;
  bench.stage.finish(end);
  CHECK(bench.stage.ledger.busy() == tiles * program);
  CHECK(bench.stage.ledger.blocked() == tiles * 3);  // searched, as long as the sink holds a tile
  CHECK(conserves(bench.stage.ledger, end));
  CHECK(c.counts.key_sram_read == tiles * program);
}

TEST_CASE("stalls of the array change when tiles are programmed, never what is written") {
  StageCase c;
  Bench free("free", c, 1);
  Bench held("held", c, 33);
  Sink<ProgrammedTile> fast("fast", c.clock, free.programmed);
  Sink<ProgrammedTile> slow("slow", c.clock, held.programmed, [](std::size_t i) { return Cycle{i * 7 % 5}; });
  sc_core::sc_start();
  REQUIRE(fast.tokens.size() == slow.tokens.size());
  for (std::size_t i = 0; i < fast.tokens.size(); ++i) CHECK(fast.tokens[i].words == slow.tokens[i].words);
  CHECK(fast.ready != slow.ready);
}
