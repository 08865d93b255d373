// SPDX-License-Identifier: Apache-2.0
#include "engines/systemc/merge.h"

#include "support/catch.h"
#include "support/stage_bench.h"

using namespace capcam;
using namespace capcam::systemc;
using namespace capcam::testing;

namespace {

constexpr Cycle merging = 6;        // of the default machine
constexpr std::uint32_t tiles = 4;  // 64 keys, 16 rows

// Returns two candidates of the i-th tile to come; no two scores are equal.
std::vector<Candidate> pair(std::size_t i) {
  const auto n = static_cast<std::int32_t>(i);
  const auto key = static_cast<std::uint32_t>(i % tiles * 16);
  return {{(n * 37 + 11) % 64 * 64, key}, {(n * 37 + 11) % 64 * 64 - 1, key + 1}};
}

// Registers and merge unit of a core; query q enters at its first tile, tiles come when `due` says.
struct Bench {
  Bench(const std::string& name, StageCase& c, std::uint32_t queries, std::function<Cycle(std::size_t)> due,
        std::uint32_t tiles_sent = tiles)
      : entries((name + "_entries").c_str(), c.clock, 4),
        candidates((name + "_candidates").c_str(), c.clock, 64),
        progress((name + "_progress").c_str(), c.clock, 64),
        selections((name + "_selections").c_str(), c.clock, 1),
        kept((name + "_kept").c_str(), c.clock, 64),
        slots((name + "_slots").c_str(), 64),
        stage(model_merge((name + "_stage").c_str(), c.context)),
        dispatch((name + "_dispatch").c_str(), c.clock, entries, queries,
                 [due](std::size_t i) { return due(i * tiles); },
                 [&c](std::size_t i, GroupEntry& g) {
                   g = {c.groups.at(i).queries, c.groups.at(i).last_of_head};
                 }),
        source((name + "_source").c_str(), c.clock, candidates, queries * tiles_sent, due,
               [&c, this](std::size_t i, TileCandidates& t) {
                 t = {c.query(i / tiles), static_cast<std::uint32_t>(i % tiles), 0, slots.take(), pair(i)};
               }) {
    stage->entries(entries);
    stage->candidates(candidates);
    stage->slots(slots);
    stage->kept(kept);
    stage->progress(progress);
    stage->selections(selections);
  }
  const Selection* ready() { return selections.front(); }
  Fifo<GroupEntry> entries;
  Fifo<TileCandidates> candidates;
  Fifo<GroupProgress> progress;
  Fifo<Selection> selections;
  Fifo<KeptRows> kept;
  Slots slots;
  std::unique_ptr<Merge> stage;
  Source<GroupEntry> dispatch;
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
  Bench bench("b", c, 1, [](std::size_t i) { return Cycle(10 + 5 * i); });
  run_to_eve_of(c.clock, 25 + merging);
  CHECK(bench.ready() == nullptr);
  run_into(c.clock, 25 + merging);
  REQUIRE(bench.ready() != nullptr);
  CHECK(bench.ready()->handover == 25);
  CHECK(bench.ready()->keys == best(0, 32));
}

TEST_CASE("a full register is merged in the shadow of the search: the result is the same and no later") {
  StageCase c({1, 1, 1, 1, 64, 64, 8}, small_register);
  Bench bench("b", c, 1, [](std::size_t i) { return Cycle(10 + 10 * i); });
  Sink<Selection> sink("sink", c.clock, bench.selections);
  sc_core::sc_start();
  REQUIRE(sink.tokens.size() == 1);
  CHECK(sink.tokens[0].keys == best(0, 2));
  CHECK(sink.ready[0] == 40 + merging);
  CHECK(c.counts.merger_merge == 2 + 1);  // after the second and the third tile, and the last
}

TEST_CASE("a shadow merge that is still on its way holds the last merge up") {
  StageCase c({1, 1, 1, 1, 64, 64, 8}, small_register);
  // The third tile asks for a merge at 12, when the second's (from 11) is not over: it begins at 17, and makes room
  // for the fourth then. Drained when it ends, at 23.
  Bench bench("b", c, 1, [](std::size_t i) { return Cycle(10 + i); });
  Sink<Selection> sink("sink", c.clock, bench.selections);
  sc_core::sc_start();
  REQUIRE(sink.tokens.size() == 1);
  CHECK(sink.ready[0] == 11 + 3 * merging);
  CHECK(sink.tokens[0].keys == best(0, 2));
}

TEST_CASE("queries leave in order, and wait for a softmax that is taken") {
  StageCase c(four_queries);
  Bench bench("b", c, 4, [](std::size_t i) { return Cycle(10 + 5 * i); });
  Sink<Selection> sink("sink", c.clock, bench.selections, [](std::size_t i) { return Cycle(i == 0 ? 100u : 0u); });
  sc_core::sc_start();
  REQUIRE(sink.tokens.size() == 4);
  for (std::uint32_t i = 0; i < 4; ++i) CHECK(sink.tokens[i].keys == best(i, 32));
  CHECK(sink.ready[0] == 25 + merging);
  CHECK(sink.ready[1] == sink.ready[0] + 100 + merging);
  CHECK(sink.ready[2] == sink.ready[1] + merging);  // it waited, too
}

TEST_CASE("merge: every cycle is busy, starved or blocked") {
  StageCase c(four_queries);
  Bench bench("b", c, 4, [](std::size_t i) { return Cycle(10 + 5 * i); });
  Sink<Selection> sink("sink", c.clock, bench.selections, [](std::size_t i) { return Cycle(i == 3 ? 0u : 50u); });
  sc_core::sc_start();
  bench.stage->finish(500);
  CHECK(bench.stage->merge.busy() == 4 * merging);
  CHECK(bench.stage->association.busy() > 0);
  CHECK(bench.stage->association.blocked() > 0);
  CHECK(conserves(bench.stage->merge, 500));
  CHECK(conserves(bench.stage->association, 500));
  CHECK(c.counts.candidate_register_write == 4 * tiles);
}

TEST_CASE("stalls around the registers change when selections come, never what is kept") {
  StageCase c(four_queries, small_register);
  Bench free("free", c, 4, [](std::size_t i) { return Cycle(10 + 8 * i); });
  Bench held("held", c, 4, [](std::size_t i) { return Cycle(10 + i); });
  Sink<Selection> fast("fast", c.clock, free.selections);
  Sink<Selection> slow("slow", c.clock, held.selections, [](std::size_t i) { return Cycle(i * 13 % 40); });
  sc_core::sc_start();
  REQUIRE(fast.tokens.size() == 4);
  REQUIRE(slow.tokens.size() == 4);
  for (std::size_t i = 0; i < 4; ++i) CHECK(fast.tokens[i].keys == slow.tokens[i].keys);
  CHECK(fast.ready != slow.ready);
}

TEST_CASE("the merge unit finishes a query every merge time when queries are there and nothing stalls") {
  StageCase c(four_queries);
  // Query i's tiles come from 10 + 4i on; its last merge begins when that of the query before is over.
  Bench bench("b", c, 4, [](std::size_t i) { return Cycle(10 + i); });
  Sink<Selection> sink("sink", c.clock, bench.selections);
  sc_core::sc_start();
  REQUIRE(sink.ready.size() == 4);
  for (Cycle i = 0; i < 4; ++i) CHECK(sink.ready[i] == 13 + merging * (i + 1));
}

TEST_CASE("association is busy from a query's entry to its last tile, then blocked until the softmax takes it") {
  StageCase c(four_queries);
  Bench bench("b", c, 4, [](std::size_t i) { return Cycle(10 + 5 * (i % tiles) + 100 * (i / tiles)); });
  // The first selection, there at 31, is taken at 131: the second query, drained at 125, waits 6 cycles.
  Sink<Selection> sink("sink", c.clock, bench.selections, [](std::size_t i) { return Cycle(i == 0 ? 100u : 0u); });
  sc_core::sc_start();
  REQUIRE(sink.ready.size() == 4);
  CHECK(sink.ready[1] == 131 + merging);
  bench.stage->finish(400);
  CHECK(bench.stage->association.busy() == 4 * 15);
  CHECK(bench.stage->association.blocked() == 131 - 125);
  CHECK(bench.stage->merge.busy() == 4 * merging);
  CHECK(conserves(bench.stage->association, 400));
}

TEST_CASE("value rows are asked for when a tile is stored, and given up when the merge that drops them ends") {
  StageCase c({1, 1, 1, 1, 64, 64, 8}, small_register);
  Bench bench("b", c, 1, [](std::size_t i) { return Cycle(10 + 10 * i); });
  Fifo<RowFetch> fetches("fetches", c.clock, 16);
  Fifo<RowDrop> drops("drops", c.clock, 16);
  bench.stage->fetches(fetches);
  bench.stage->drops(drops);
  Sink<Selection> sink("sink", c.clock, bench.selections);
  Sink<RowFetch> fetched("fetched", c.clock, fetches);
  Sink<RowDrop> dropped("dropped", c.clock, drops);
  Sink<KeptRows> kept("kept", c.clock, bench.kept);
  sc_core::sc_start();
  using Keys = std::vector<std::uint32_t>;
  const std::vector<Keys> keys{{0, 1}, {16, 17}, {32, 33}, {48, 49}};
  CHECK(fetched.ready == std::vector<Cycle>{10, 20, 30, 40});
  REQUIRE(fetched.tokens.size() == 4);
  for (std::size_t i = 0; i < 4; ++i) CHECK(fetched.tokens[i].keys == keys[i]);
  // Scores rise from the tiles 0, 2, 1, 3: the shadow merges at 20 and 30 drop the first two of them, the last merge at
  // 40 keeps the best.
  CHECK(dropped.ready == std::vector<Cycle>{20 + merging, 30 + merging});
  REQUIRE(dropped.tokens.size() == 2);
  CHECK(dropped.tokens[0].keys == keys[0]);
  CHECK(dropped.tokens[1].keys == keys[2]);
  CHECK(kept.ready == std::vector<Cycle>{40 + merging});
  REQUIRE(kept.tokens.size() == 1);
  CHECK(kept.tokens[0].keys == keys[3]);
}

TEST_CASE(
    "a single-stage selection asks for nothing before the rows it keeps are known, at the end of the last merge") {
  StageCase c({1, 1, 1, 1, 64, 64, 8}, [](Config& config) {
    config.top_n.n = 2;
    config.top_n.tile_k = 0;
  });
  Bench bench("b", c, 1, [](std::size_t i) { return Cycle(10 + 10 * i); });
  Sink<Selection> sink("sink", c.clock, bench.selections);
  Sink<KeptRows> kept("kept", c.clock, bench.kept);
  sc_core::sc_start();
  CHECK(kept.ready == std::vector<Cycle>{40 + merging});
  REQUIRE(kept.tokens.size() == 1);
  CHECK(kept.tokens[0].keys == std::vector<std::uint32_t>{48, 49});
}

TEST_CASE("the dispatch hears when the head has drained and when each group is handed over") {
  StageCase c(four_queries);
  Bench bench("b", c, 4, [](std::size_t i) { return Cycle(10 + 5 * i); });
  Sink<Selection> sink("sink", c.clock, bench.selections);
  Sink<GroupProgress> progress("progress", c.clock, bench.progress);
  sc_core::sc_start();
  REQUIRE(progress.tokens.size() == 5);
  std::size_t drained = 0;
  for (std::size_t i = 0; i < 5; ++i) {
    if (progress.tokens[i].kind != GroupProgress::Kind::head_drained) continue;
    ++drained;
    CHECK(progress.ready[i] == 10 + 5 * 15);  // the last tile of the last query
  }
  CHECK(drained == 1);
}

TEST_CASE("a query without a valid key is handed over at once, without a merge") {
  StageCase c(
      {1, 1, 1, 1, 64, 64, 8}, [](Config&) {}, std::vector<bool>(64, false));
  Bench bench(
      "b", c, 1, [](std::size_t) { return Cycle(10); }, 0);
  run_to_eve_of(c.clock, 10);
  CHECK(bench.ready() == nullptr);
  run_into(c.clock, 10);
  REQUIRE(bench.ready() != nullptr);
  CHECK(bench.ready()->keys.empty());
  CHECK(c.counts.merger_merge == 0);
}
