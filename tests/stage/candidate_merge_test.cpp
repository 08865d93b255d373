// SPDX-License-Identifier: Apache-2.0
#include "engines/systemc/candidate_merge.h"

#include "support/catch.h"
#include "support/stage_bench.h"

using namespace capcam;
using namespace capcam::testing;

namespace {

constexpr Cycle merge = 6;          // of the default machine
constexpr std::uint32_t tiles = 4;  // 64 keys, 16 rows

// Returns two candidates of the i-th tile to come; no two scores are equal.
std::vector<Candidate> pair(std::size_t i) {
  const auto n = static_cast<std::int32_t>(i);
  const auto key = static_cast<std::uint32_t>(i % tiles * 16);
  return {{(n * 37 + 11) % 64 * 64, key}, {(n * 37 + 11) % 64 * 64 - 1, key + 1}};
}

// Registers and merge unit of a core; query q enters at its first tile, tiles come when `due` says.
struct Bench {
  Bench(const char* name, StageCase& c, std::uint32_t queries, std::function<Cycle(std::size_t)> due,
        std::uint32_t tiles_sent = tiles, Fifo<RowMessage>* fetches = nullptr, Fifo<RowMessage>* drops = nullptr)
      : groups(c.clock, 4),
        candidates(c.clock, 64),
        events(c.clock, 64),
        selections(c.clock, 1),
        slots(64),
        stage((std::string(name) + "_stage").c_str(), c.clock, c.config, c.mapping,
              {groups, candidates, {&slots}, fetches, drops, events, selections}, c.counts),
        entries((std::string(name) + "_entries").c_str(), c.clock, groups, queries,
                [due](std::size_t i) { return due(i * tiles); },
                [&c](std::size_t i, Group*& g) { g = c.source.at(i); }),
        source((std::string(name) + "_source").c_str(), c.clock, candidates, queries * tiles_sent, due,
               [&c, this](std::size_t i, TileCandidates& t) {
                 t = {c.source.at(i / tiles), 0, static_cast<std::uint32_t>(i % tiles), 0, slots.take(), pair(i)};
               }) {}
  Fifo<Group*> groups;
  Fifo<TileCandidates> candidates;
  Fifo<QueryEvent> events;
  Fifo<Selection> selections;
  Slots slots;
  CandidateMerge stage;
  Source<Group*> entries;
  Source<TileCandidates> source;
};

// Returns the keys that a query must keep, the best n of all its candidates.
std::vector<Candidate> best(std::uint32_t query, std::uint32_t n) {
  std::vector<Candidate> all;
  for (std::uint32_t tile = 0; tile < tiles; ++tile)
    for (const Candidate& candidate : pair(query * tiles + tile)) all.push_back(candidate);
  std::sort(all.begin(), all.end(), better);
  all.resize(std::min<std::size_t>(n, all.size()));
  return all;
}

constexpr TraceShape four_queries{1, 1, 1, 4, 64, 64, 8};
void small_register(Config& config) {
  config.top_n.n = 2;
  config.top_n.register_entries = 4;  // full after two tiles
}

}  // namespace

TEST_CASE("a selection is there one merge after its last tile is stored, not a cycle earlier") {
  StageCase c;
  Bench bench("b", c, 1, [](std::size_t i) { return Cycle{10 + 5 * i}; });
  run_to_eve_of(c.clock, 25 + merge);
  CHECK_FALSE(bench.selections.ready());
  run_into(c.clock, 25 + merge);
  REQUIRE(bench.selections.ready());
  CHECK(bench.selections.front().handover == 25);
  CHECK(bench.selections.front().keys == best(0, 32));
}

TEST_CASE("a full register is merged in the shadow of the search: the result is the same and no later") {
  StageCase c({1, 1, 1, 1, 64, 64, 8}, small_register);
  Bench bench("b", c, 1, [](std::size_t i) { return Cycle{10 + 10 * i}; });
  Sink<Selection> sink("sink", c.clock, bench.selections);
  sc_core::sc_start();
  REQUIRE(sink.tokens.size() == 1);
  CHECK(sink.tokens[0].keys == best(0, 2));
  CHECK(sink.ready[0] == 40 + merge);
  CHECK(c.counts.merger_merge == 2 + 1);  // after the second and the third tile, and the last
}

TEST_CASE("a shadow merge that is still on its way holds the last merge up") {
  StageCase c({1, 1, 1, 1, 64, 64, 8}, small_register);
  // The third tile asks for a merge at 12, when the second's (from 11) is not over. It begins at 17 and makes room then
  // for the fourth tile. The query is drained when it ends, at 23.
  Bench bench("b", c, 1, [](std::size_t i) { return Cycle{10 + i}; });
  Sink<Selection> sink("sink", c.clock, bench.selections);
  sc_core::sc_start();
  REQUIRE(sink.tokens.size() == 1);
  CHECK(sink.ready[0] == 11 + 3 * merge);
  CHECK(sink.tokens[0].keys == best(0, 2));
}

TEST_CASE("queries leave in order, and wait for a softmax that is taken") {
  StageCase c(four_queries);
  Bench bench("b", c, 4, [](std::size_t i) { return Cycle{10 + 5 * i}; });
  Sink<Selection> sink("sink", c.clock, bench.selections, [](std::size_t i) { return Cycle{i == 0 ? 100u : 0u}; });
  sc_core::sc_start();
  REQUIRE(sink.tokens.size() == 4);
  for (std::uint32_t i = 0; i < 4; ++i) CHECK(sink.tokens[i].keys == best(i, 32));
  CHECK(sink.ready[0] == 25 + merge);
  CHECK(sink.ready[1] == sink.ready[0] + 100 + merge);
  CHECK(sink.ready[2] == sink.ready[1] + merge);  // it waited, too
}

TEST_CASE("candidate_merge: every cycle is busy, starved or blocked") {
  StageCase c(four_queries);
  Bench bench("b", c, 4, [](std::size_t i) { return Cycle{10 + 5 * i}; });
  Sink<Selection> sink("sink", c.clock, bench.selections, [](std::size_t i) { return Cycle{i == 3 ? 0u : 50u}; });
  sc_core::sc_start();
  bench.stage.finish(500);
  CHECK(bench.stage.merge.busy() == 4 * merge);
  CHECK(bench.stage.association.busy() > 0);
  CHECK(bench.stage.association.blocked() > 0);
  CHECK(conserves(bench.stage.merge, 500));
  CHECK(conserves(bench.stage.association, 500));
  CHECK(c.counts.candidate_register_write == 4 * tiles);
}

TEST_CASE("stalls around the registers change when selections come, never what is kept") {
  StageCase c(four_queries, small_register);
  Bench free("free", c, 4, [](std::size_t i) { return Cycle{10 + 8 * i}; });
  Bench held("held", c, 4, [](std::size_t i) { return Cycle{10 + i}; });
  Sink<Selection> fast("fast", c.clock, free.selections);
  Sink<Selection> slow("slow", c.clock, held.selections, [](std::size_t i) { return Cycle{i * 13 % 40}; });
  sc_core::sc_start();
  REQUIRE(fast.tokens.size() == 4);
  REQUIRE(slow.tokens.size() == 4);
  for (std::size_t i = 0; i < 4; ++i) CHECK(fast.tokens[i].keys == slow.tokens[i].keys);
  CHECK(fast.ready != slow.ready);
}

TEST_CASE("the merge unit finishes a query every merge time when queries are there and nothing stalls") {
  StageCase c(four_queries);
  // Query i's tiles come from 10 + 4i on; its last merge begins when that of the query before is over.
  Bench bench("b", c, 4, [](std::size_t i) { return Cycle{10 + i}; });
  Sink<Selection> sink("sink", c.clock, bench.selections);
  sc_core::sc_start();
  REQUIRE(sink.ready.size() == 4);
  for (std::size_t i = 0; i < 4; ++i) CHECK(sink.ready[i] == 13 + merge * (i + 1));
}

TEST_CASE("association is busy from a query's entry to its last tile, then blocked until the softmax takes it") {
  StageCase c(four_queries);
  Bench bench("b", c, 4, [](std::size_t i) { return Cycle{10 + 5 * (i % tiles) + 100 * (i / tiles)}; });
  // The first selection, there at 31, is taken at 131: the second query, drained at 125, waits 6 cycles.
  Sink<Selection> sink("sink", c.clock, bench.selections, [](std::size_t i) { return Cycle{i == 0 ? 100u : 0u}; });
  sc_core::sc_start();
  REQUIRE(sink.ready.size() == 4);
  CHECK(sink.ready[1] == 131 + merge);
  bench.stage.finish(400);
  CHECK(bench.stage.association.busy() == 4 * 15);
  CHECK(bench.stage.association.blocked() == 131 - 125);
  CHECK(bench.stage.merge.busy() == 4 * merge);
  CHECK(conserves(bench.stage.association, 400));
}

TEST_CASE("value rows are asked for when a tile is stored, and given up when the merge that drops them ends") {
  StageCase c({1, 1, 1, 1, 64, 64, 8}, small_register);
  Fifo<RowMessage> fetches(c.clock, 16), drops(c.clock, 16);
  Bench bench(
      "b", c, 1, [](std::size_t i) { return Cycle{10 + 10 * i}; }, tiles, &fetches, &drops);
  Sink<Selection> sink("sink", c.clock, bench.selections);
  Sink<RowMessage> fetched("fetched", c.clock, fetches), dropped("dropped", c.clock, drops);
  sc_core::sc_start();
  using Keys = std::vector<std::uint32_t>;
  const std::vector<Keys> keys{{0, 1}, {16, 17}, {32, 33}, {48, 49}};
  CHECK(fetched.ready == std::vector<Cycle>{10, 20, 30, 40});
  REQUIRE(fetched.tokens.size() == 4);
  for (std::size_t i = 0; i < 4; ++i) CHECK(fetched.tokens[i].keys == keys[i]);
  // Scores rise from the tiles 0, 2, 1, 3: merges at 20, 30 and 40 drop them in that order.
  CHECK(dropped.ready == std::vector<Cycle>{20 + merge, 30 + merge, 40 + merge});
  REQUIRE(dropped.tokens.size() == 3);
  CHECK(dropped.tokens[0].keys == keys[0]);
  CHECK(dropped.tokens[1].keys == keys[2]);
  CHECK(dropped.tokens[2].keys == keys[1]);
}

TEST_CASE("a single-stage selection asks for the rows it keeps at the end of the last merge, in one burst") {
  StageCase c({1, 1, 1, 1, 64, 64, 8}, [](Config& config) {
    config.top_n.n = 2;
    config.top_n.tile_k = 0;
  });
  Fifo<RowMessage> fetches(c.clock, 16), drops(c.clock, 16);
  Bench bench(
      "b", c, 1, [](std::size_t i) { return Cycle{10 + 10 * i}; }, tiles, &fetches, &drops);
  Sink<Selection> sink("sink", c.clock, bench.selections);
  Sink<RowMessage> fetched("fetched", c.clock, fetches), dropped("dropped", c.clock, drops);
  sc_core::sc_start();
  CHECK(fetched.ready == std::vector<Cycle>{40 + merge});
  REQUIRE(fetched.tokens.size() == 1);
  CHECK(fetched.tokens[0].keys == std::vector<std::uint32_t>{48, 49});
  CHECK(dropped.tokens.empty());
}

TEST_CASE("a query without a valid key is handed over at once, without a merge") {
  StageCase c(
      {1, 1, 1, 1, 64, 64, 8}, [](Config&) {}, std::vector<bool>(64, false));
  Bench bench(
      "b", c, 1, [](std::size_t) { return Cycle{10}; }, 0);
  run_to_eve_of(c.clock, 10);
  CHECK_FALSE(bench.selections.ready());
  run_into(c.clock, 10);
  REQUIRE(bench.selections.ready());
  CHECK(bench.selections.front().keys.empty());
  CHECK(c.counts.merger_merge == 0);
}
