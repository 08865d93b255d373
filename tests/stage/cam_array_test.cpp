// SPDX-License-Identifier: Apache-2.0
#include "engines/systemc/cam_array.h"

#include "support/catch.h"
#include "support/stage_bench.h"

using namespace capcam;
using namespace capcam::systemc;
using namespace capcam::testing;

namespace {

constexpr Cycle search = 1;

// The query buffer holds the one query of the case.
ArrayQueries queries_of(const StageCase& c) {
  const auto words = c.group().head->query_bits.words(0, 0);
  return {{{c.query(), {words.begin(), words.end()}}}};
}

ProgrammedTile tile_of(const StageCase& c, std::uint32_t tile, std::uint32_t first_row, std::uint32_t keys) {
  ProgrammedTile token;
  token.job.tile = tile;
  token.job.keys = keys;
  token.job.first_row = first_row;
  c.group().head->key_bits.copy_rows(c.mapping.keys_of(tile).part(first_row, token.job.rows()), 0, token.words);
  return token;
}

// An array behind a source of programmed tiles, which repeats the tiles of the one query.
struct Bench {
  Bench(const std::string& name, StageCase& c, std::size_t count, std::function<Cycle(std::size_t)> due,
        std::function<ProgrammedTile(std::size_t)> tile = {})
      : tiles((name + "_tiles").c_str(), c.clock, 1),
        queries((name + "_queries").c_str(), c.clock, 2),
        matches((name + "_matches").c_str(), c.clock, 1),
        stage(model_cam_array((name + "_stage").c_str(), c.context)),
        buffer((name + "_buffer").c_str(), c.clock, queries, 1, [](std::size_t) { return Cycle(0); },
               [&c](std::size_t, ArrayQueries& token) { token = queries_of(c); }),
        source((name + "_source").c_str(), c.clock, tiles, count, std::move(due),
               [&c, tile](std::size_t i, ProgrammedTile& token) {
                 const auto number = static_cast<std::uint32_t>(i % c.mapping.tiles);
                 token = tile ? tile(i) : tile_of(c, number, 0, c.mapping.keys_in(number));
               }) {
    stage->tiles(tiles);
    stage->queries(queries);
    stage->matches(matches);
  }
  bool ready() { return matches.front() != nullptr; }
  Fifo<ProgrammedTile> tiles;
  Fifo<ArrayQueries> queries;
  Fifo<MatchCounts> matches;
  std::unique_ptr<CamArray> stage;
  Source<ArrayQueries> buffer;
  Source<ProgrammedTile> source;
};

std::vector<std::uint32_t> expected(const StageCase& c, std::uint32_t tile) {
  std::vector<std::uint32_t> counts(c.mapping.keys_in(tile));
  count_matches(c.group().head->query_bits, 0, c.group().head->key_bits, c.mapping.keys_of(tile), 0, counts.data());
  return counts;
}

}  // namespace

TEST_CASE("match counts are there search_cycles after the tile is programmed, not a cycle earlier") {
  StageCase c({1, 1, 1, 1, 64, 64, 8}, [](Config& config) { config.array.search_cycles = 3; });
  Bench bench("b", c, 1, [](std::size_t) { return Cycle(10); });
  run_to_eve_of(c.clock, 10 + 3);
  CHECK_FALSE(bench.ready());
  run_into(c.clock, 10 + 3);
  CHECK(bench.ready());
}

TEST_CASE("an array is searched once every search_cycles when nothing holds it up") {
  StageCase c;
  Bench bench("b", c, 16, [](std::size_t) { return Cycle(1); });
  Sink<MatchCounts> sink("sink", c.clock, bench.matches);
  sc_core::sc_start();
  REQUIRE(sink.ready.size() == 16);
  for (Cycle i = 0; i < 16; ++i) CHECK(sink.ready[i] == 1 + search * (i + 1));
}

TEST_CASE("rows appended to an array leave those before as they are") {
  StageCase c({1, 1, 1, 1, 16, 64, 8});  // one tile
  // 5 keys, then 4 more, none more, 7 more.
  const std::vector<std::uint32_t> keys{5, 9, 9, 16};
  Bench bench(
      "b", c, keys.size(), [](std::size_t) { return Cycle(1); },
      [&](std::size_t i) { return tile_of(c, 0, i == 0 ? 0 : keys[i - 1], keys[i]); });
  Sink<MatchCounts> sink("sink", c.clock, bench.matches);
  sc_core::sc_start();
  REQUIRE(sink.tokens.size() == keys.size());
  const std::vector<std::uint32_t> all = expected(c, 0);
  for (std::size_t i = 0; i < keys.size(); ++i)
    CHECK(sink.tokens[i].matches == std::vector<std::uint32_t>(all.begin(), all.begin() + keys[i]));
}

TEST_CASE("an array whose result is not taken is not searched again, and nothing is lost or reordered") {
  StageCase c;
  Bench bench("b", c, 16, [](std::size_t) { return Cycle(1); });
  Sink<MatchCounts> sink("sink", c.clock, bench.matches, [](std::size_t i) { return Cycle(i % 3 == 0 ? 20u : 0u); });
  sc_core::sc_start();
  REQUIRE(sink.tokens.size() == 16);
  for (std::uint32_t i = 0; i < 16; ++i) {
    CHECK(sink.tokens[i].tile == i % c.mapping.tiles);
    CHECK(sink.tokens[i].matches == expected(c, i % c.mapping.tiles));
  }
  for (Cycle i = 1; i < 16; ++i) CHECK(sink.ready[i] >= sink.ready[i - 1] + (i % 3 == 1 ? 20 : search));
}

TEST_CASE("cam_array: every cycle is busy, starved or blocked") {
  StageCase c;
  Bench bench("b", c, 10, [](std::size_t i) { return Cycle(1 + 4 * i); });
  Sink<MatchCounts> sink("sink", c.clock, bench.matches, [](std::size_t i) { return Cycle(i == 2 ? 50u : 0u); });
  sc_core::sc_start();
  const Cycle end = sink.ready.back() + 3;
  bench.stage->finish(end);
  CHECK(bench.stage->ledger.busy() == 10 * search);
  CHECK(bench.stage->ledger.blocked() > 0);
  CHECK(conserves(bench.stage->ledger, end));
  CHECK(c.counts.cam_array_search == 10);
}

TEST_CASE("what is searched is what was sent: the query's bits and the keys' words, not what lies in the workload") {
  StageCase c;
  Bench bench(
      "b", c, 1, [](std::size_t) { return Cycle(10); },
      [&](std::size_t) {
        ProgrammedTile tile = tile_of(c, 0, 0, 16);
        for (std::uint64_t& word : tile.words) word = 0;
        return tile;
      });
  bench.queries.disturb([](ArrayQueries& token) { token.queries[0].words[0] = 0xff; });
  Sink<MatchCounts> sink("sink", c.clock, bench.matches);
  sc_core::sc_start();
  REQUIRE(sink.tokens.size() == 1);
  CHECK(sink.tokens[0].matches == std::vector<std::uint32_t>(16, 64 - 8));
}

TEST_CASE("an array that gets a tile before its queries says so") {
  StageCase c;
  Fifo<ProgrammedTile> tiles("tiles", c.clock, 1);
  Fifo<ArrayQueries> queries("queries", c.clock, 2);
  Fifo<MatchCounts> matches("matches", c.clock, 1);
  const auto stage = model_cam_array("stage", c.context);
  stage->tiles(tiles);
  stage->queries(queries);
  stage->matches(matches);
  Source<ProgrammedTile> source(
      "source", c.clock, tiles, 1, [](std::size_t) { return Cycle(1); },
      [&](std::size_t, ProgrammedTile& token) { token = tile_of(c, 0, 0, 16); });
  CHECK_THROWS_WITH(sc_core::sc_start(), ContainsSubstring("a tile is there before its queries"));
}

TEST_CASE("stalls behind an array change when counts come, never the counts") {
  StageCase c;
  Bench free("free", c, 12, [](std::size_t) { return Cycle(1); });
  Bench held("held", c, 12, [](std::size_t i) { return Cycle(1 + 7 * i); });
  Sink<MatchCounts> fast("fast", c.clock, free.matches);
  Sink<MatchCounts> slow("slow", c.clock, held.matches, [](std::size_t i) { return Cycle(i * 3 % 8); });
  sc_core::sc_start();
  REQUIRE(fast.tokens.size() == slow.tokens.size());
  for (std::size_t i = 0; i < fast.tokens.size(); ++i) CHECK(fast.tokens[i].matches == slow.tokens[i].matches);
  CHECK(fast.ready != slow.ready);
}

TEST_CASE("a search counts the cells that match, one line per used column and one row per key") {
  StageCase c;
  Bench bench("b", c, 16, [](std::size_t) { return Cycle(1); });
  Sink<MatchCounts> sink("sink", c.clock, bench.matches);
  sc_core::sc_start();
  std::uint64_t matching = 0, rows = 0;
  for (std::size_t i = 0; i < 16; ++i) {
    const auto tile = static_cast<std::uint32_t>(i % c.mapping.tiles);
    for (const std::uint32_t count : expected(c, tile)) matching += count;
    rows += c.mapping.keys_in(tile);
  }
  CHECK(c.counts.cam_array_match == matching);
  CHECK(c.counts.cam_array_match + c.counts.cam_array_mismatch == c.counts.matchline_share * 64);
  CHECK(c.counts.cam_array_pair == 0);  // of coupling cells alone
  CHECK(c.counts.search_line_drive == 16 * std::uint64_t{c.mapping.segmentation.used_columns(0)});
  CHECK(c.counts.matchline_share == rows);
}
