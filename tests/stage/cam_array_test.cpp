// SPDX-License-Identifier: Apache-2.0
#include "engines/systemc/cam_array.h"

#include "support/catch.h"
#include "support/stage_bench.h"

using namespace capcam;
using namespace capcam::testing;

namespace {

constexpr Cycle search = 1;

// An array behind a source of programmed tiles, which repeats the tiles of the one query.
struct Bench {
  Bench(const char* name, StageCase& c, std::size_t tiles_, std::function<Cycle(std::size_t)> due)
      : tiles(c.clock, 1),
        matches(c.clock, 1),
        stage((std::string(name) + "_stage").c_str(), c.clock, c.config, c.mapping, cells, tiles, matches, nullptr,
              c.counts),
        source((std::string(name) + "_source").c_str(), c.clock, tiles, tiles_, std::move(due),
               [&c](std::size_t i, ProgrammedTile& t) {
                 t.group = &c.group();
                 t.job.tile = static_cast<std::uint32_t>(i % c.mapping.tiles);
                 t.job.keys = c.mapping.keys_in(t.job.tile);
                 c.group().head->key_bits.copy_rows(c.mapping.first_key(t.job.tile), t.job.keys, 0, t.words);
               }) {}
  CellMismatch cells;  // all cells are alike
  Fifo<ProgrammedTile> tiles;
  Fifo<MatchCounts> matches;
  CamArray stage;
  Source<ProgrammedTile> source;
};

std::vector<std::uint32_t> expected(StageCase& c, std::uint32_t tile) {
  std::vector<std::uint32_t> counts(c.mapping.keys_in(tile));
  count_matches(c.group().head->query_bits, 0, c.group().head->key_bits, c.mapping.first_key(tile),
                static_cast<std::uint32_t>(counts.size()), 0, counts.data());
  return counts;
}

}  // namespace

TEST_CASE("match counts are there search_cycles after the tile is programmed, not a cycle earlier") {
  StageCase c({1, 1, 1, 1, 64, 64, 8}, [](Config& config) { config.array.search_cycles = 3; });
  Bench bench("b", c, 1, [](std::size_t) { return Cycle{10}; });
  run_to_eve_of(c.clock, 10 + 3);
  CHECK_FALSE(bench.matches.ready());
  run_into(c.clock, 10 + 3);
  CHECK(bench.matches.ready());
}

TEST_CASE("an array is searched once every search_cycles when nothing holds it up") {
  StageCase c;
  Bench bench("b", c, 16, [](std::size_t) { return Cycle{1}; });
  Sink<MatchCounts> sink("sink", c.clock, bench.matches);
  sc_core::sc_start();
  REQUIRE(sink.ready.size() == 16);
  for (std::size_t i = 0; i < 16; ++i) CHECK(sink.ready[i] == 1 + search * (i + 1));
}

TEST_CASE("rows appended to an array leave those before as they are") {
  StageCase c({1, 1, 1, 1, 16, 64, 8});  // one tile
  const CellMismatch alike;
  Fifo<ProgrammedTile> tiles(c.clock, 1);
  Fifo<MatchCounts> matches(c.clock, 1);
  CamArray stage("stage", c.clock, c.config, c.mapping, alike, tiles, matches, nullptr, c.counts);
  // 5 keys, then 4 more, none more, 7 more.
  const std::vector<std::uint32_t> keys{5, 9, 9, 16};
  Source<ProgrammedTile> source(
      "source", c.clock, tiles, keys.size(), [](std::size_t) { return Cycle{1}; },
      [&](std::size_t i, ProgrammedTile& t) {
        t.group = &c.group();
        t.job.keys = keys[i];
        t.job.first_row = i == 0 ? 0 : keys[i - 1];
        c.group().head->key_bits.copy_rows(t.job.first_row, t.job.rows(), 0, t.words);
      });
  Sink<MatchCounts> sink("sink", c.clock, matches);
  sc_core::sc_start();
  REQUIRE(sink.tokens.size() == keys.size());
  const std::vector<std::uint32_t> all = expected(c, 0);
  for (std::size_t i = 0; i < keys.size(); ++i)
    CHECK(sink.tokens[i].matches == std::vector<std::uint32_t>(all.begin(), all.begin() + keys[i]));
}

TEST_CASE("an array whose result is not taken is not searched again, and nothing is lost or reordered") {
  StageCase c;
  Bench bench("b", c, 16, [](std::size_t) { return Cycle{1}; });
  Sink<MatchCounts> sink("sink", c.clock, bench.matches, [](std::size_t i) { return Cycle{i % 3 == 0 ? 20u : 0u}; });
  sc_core::sc_start();
  REQUIRE(sink.tokens.size() == 16);
  for (std::uint32_t i = 0; i < 16; ++i) {
    CHECK(sink.tokens[i].tile == i % c.mapping.tiles);
    CHECK(sink.tokens[i].matches == expected(c, i % c.mapping.tiles));
  }
  for (std::size_t i = 1; i < 16; ++i) CHECK(sink.ready[i] >= sink.ready[i - 1] + (i % 3 == 1 ? 20 : search));
}

TEST_CASE("cam_array: every cycle is busy, starved or blocked") {
  StageCase c;
  Bench bench("b", c, 10, [](std::size_t i) { return Cycle{1 + 4 * i}; });
  Sink<MatchCounts> sink("sink", c.clock, bench.matches, [](std::size_t i) { return Cycle{i == 2 ? 50u : 0u}; });
  sc_core::sc_start();
  const Cycle end = sink.ready.back() + 3;
  bench.stage.finish(end);
  CHECK(bench.stage.ledger.busy() == 10 * search);
  CHECK(bench.stage.ledger.blocked() > 0);
  CHECK(conserves(bench.stage.ledger, end));
  CHECK(c.counts.cam_array_search == 10);
}

TEST_CASE("stalls behind an array change when counts come, never the counts") {
  StageCase c;
  Bench free("free", c, 12, [](std::size_t) { return Cycle{1}; });
  Bench held("held", c, 12, [](std::size_t i) { return Cycle{1 + 7 * i}; });
  Sink<MatchCounts> fast("fast", c.clock, free.matches);
  Sink<MatchCounts> slow("slow", c.clock, held.matches, [](std::size_t i) { return Cycle{i * 3 % 8}; });
  sc_core::sc_start();
  REQUIRE(fast.tokens.size() == slow.tokens.size());
  for (std::size_t i = 0; i < fast.tokens.size(); ++i) CHECK(fast.tokens[i].matches == slow.tokens[i].matches);
  CHECK(fast.ready != slow.ready);
}

TEST_CASE("a search counts the cells that match, a line a used column and a row a key") {
  StageCase c;
  Bench bench("b", c, 16, [](std::size_t) { return Cycle{1}; });
  Sink<MatchCounts> sink("sink", c.clock, bench.matches);
  sc_core::sc_start();
  std::uint64_t matching = 0, rows = 0;
  for (std::size_t i = 0; i < 16; ++i) {
    const auto tile = static_cast<std::uint32_t>(i % c.mapping.tiles);
    for (const std::uint32_t count : expected(c, tile)) matching += count;
    rows += c.mapping.keys_in(tile);
  }
  CHECK(c.counts.cam_array_match == matching);
  CHECK(c.counts.search_line_drive == 16 * std::uint64_t{c.mapping.segmentation.used_columns(0)});
  CHECK(c.counts.matchline_share == rows);
}
