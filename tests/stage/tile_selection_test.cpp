// SPDX-License-Identifier: Apache-2.0
#include "engines/systemc/tile_selection.h"

#include "support/catch.h"
#include "support/stage_bench.h"

using namespace capcam;
using namespace capcam::systemc;
using namespace capcam::testing;

namespace {

constexpr Cycle work = 2 + 2 + 1;  // scaling, tile selection, register write of the default machine

// Returns the code in row r of the i-th result; some rows are equal, so that ties occur.
std::uint32_t code_of(std::size_t i, std::uint32_t row) { return static_cast<std::uint32_t>((row * 7 + i) % 11); }

// Takes candidates as they come, as the register does; the i-th one's slot is free `stall(i)` cycles later.
struct Register final : Module {
  Register(const sc_core::sc_module_name& name, Clock& clock, std::function<Cycle(std::size_t)> stall_)
      : Module(name, clock), stall(std::move(stall_)) {
    sensitive << candidates.written();
  }
  std::string state() const override { return name(); }
  void step() override {
    while (const TileCandidates* const token = candidates->front()) {
      slots->give(token->slot, now() + stall(ready.size()));
      ready.push_back(now());
      tokens.push_back(*token);
      candidates->pop();
    }
  }
  In<TileCandidates> candidates{"candidates"};
  sc_core::sc_port<SlotGiveIf> slots{"slots"};
  std::function<Cycle(std::size_t)> stall;
  std::vector<Cycle> ready;
  std::vector<TileCandidates> tokens;
};

// A tile selection between one array's converters and the register.
struct Bench {
  Bench(
      const std::string& name, StageCase& c, std::size_t results, std::function<Cycle(std::size_t)> due,
      std::function<Cycle(std::size_t)> stall = [](std::size_t) { return Cycle(0); })
      : codes((name + "_codes").c_str(), c.clock, 2),
        slots((name + "_slots").c_str(), 64),
        candidates((name + "_candidates").c_str(), c.clock, 64),
        stage(model_tile_selection((name + "_stage").c_str(), c.context)),
        source((name + "_source").c_str(), c.clock, codes, results, std::move(due),
               [&c, this](std::size_t i, Codes& token) {
                 token = {c.query(), static_cast<std::uint32_t>(i % 4), 0, slots.take(), {}};
                 for (std::uint32_t row = 0; row < 16; ++row) token.codes.push_back(code_of(i, row));
               }),
        sink((name + "_register").c_str(), c.clock, std::move(stall)) {
    stage->codes(codes);
    stage->slots(slots);
    stage->candidates(candidates);
    sink.candidates(candidates);
    sink.slots(slots);
  }
  Fifo<Codes> codes;
  Slots slots;
  Fifo<TileCandidates> candidates;
  std::unique_ptr<TileSelection> stage;
  Source<Codes> source;
  Register sink;
};

// Finds the two best rows of the i-th result by looking at all of them.
std::vector<Candidate> two_best(std::size_t i, std::uint32_t first_key, const capcam::Sensing& sensing) {
  std::vector<Candidate> all;
  for (std::uint32_t row = 0; row < 16; ++row) all.push_back({sensing.score(0, code_of(i, row)), first_key + row});
  std::sort(all.begin(), all.end(), better);
  all.resize(2);
  return all;
}

}  // namespace

TEST_CASE("a tile's best keys are there after scaling, selection and register write, not a cycle earlier") {
  StageCase c;
  Bench bench("b", c, 1, [](std::size_t) { return Cycle(10); });
  run_to_eve_of(c.clock, 10 + work);
  CHECK(bench.sink.ready.empty());
  run_into(c.clock, 10 + work);
  CHECK(bench.sink.ready.size() == 1);
}

TEST_CASE("the tile selection is a pipeline: it takes a result every cycle") {
  StageCase c;
  Bench bench("b", c, 20, [](std::size_t i) { return Cycle(1 + i); });
  sc_core::sc_start();
  REQUIRE(bench.sink.ready.size() == 20);
  for (Cycle i = 0; i < 20; ++i) CHECK(bench.sink.ready[i] == 1 + i + work);
}

TEST_CASE("every tile's two best keys are selected, equal scores by the lower key, in order and none twice") {
  StageCase c;
  Bench bench(
      "b", c, 40, [](std::size_t i) { return Cycle(1 + 2 * i); }, [](std::size_t i) { return Cycle(i * 3 % 17); });
  sc_core::sc_start();
  REQUIRE(bench.sink.tokens.size() == 40);
  for (std::uint32_t i = 0; i < 40; ++i) {
    CHECK(bench.sink.tokens[i].tile == i % 4);
    CHECK(bench.sink.tokens[i].candidates == two_best(i, 16 * (i % 4), c.sensing));
  }
}

TEST_CASE("tile_selection: every cycle is busy, starved or blocked") {
  StageCase c;
  Bench bench(
      "b", c, 6, [](std::size_t i) { return Cycle(1 + 40 * i); },
      [](std::size_t i) { return Cycle(i == 2 ? 10u : 0u); });
  sc_core::sc_start();
  bench.stage->finish(300);
  const Ledger& ledger = bench.stage->ledgers.front();
  CHECK(ledger.busy() == 6 * work);
  CHECK(ledger.blocked() == 10);  // the third result waited for the register
  CHECK(conserves(ledger, 300));
  CHECK(c.counts.score_scaler_scale == 6 * 16);
  CHECK(c.counts.tile_selector_select == 6);
}

TEST_CASE("results that come later select the same keys") {
  StageCase c;
  Bench free("free", c, 12, [](std::size_t i) { return Cycle(1 + i); });
  Bench held("held", c, 12, [](std::size_t i) { return Cycle(5 + i * i); });
  sc_core::sc_start();
  REQUIRE(free.sink.tokens.size() == held.sink.tokens.size());
  for (std::size_t i = 0; i < free.sink.tokens.size(); ++i)
    CHECK(free.sink.tokens[i].candidates == held.sink.tokens[i].candidates);
  CHECK(free.sink.ready != held.sink.ready);
}

namespace {

// A tile of two segments, each in an array of its own; the first key of the best row wins by both.
struct TwoSegments {
  TwoSegments(StageCase& c, Cycle first, Cycle second)
      : codes0("codes0", c.clock, 2),
        codes1("codes1", c.clock, 2),
        slots0("slots0", 4),
        slots1("slots1", 4),
        candidates("candidates", c.clock, 8),
        stage(model_tile_selection("stage", c.context)),
        source0(
            "first", c.clock, codes0, 1, [first](std::size_t) { return first; },
            [&c](std::size_t, Codes& token) {
              token = {c.query(), 0, 0, 0, codes_of(0)};
            }),
        source1(
            "second", c.clock, codes1, 1, [second](std::size_t) { return second; },
            [&c, this](std::size_t, Codes& token) {
              token = {c.query(), 0, 1, slots1.take(), codes_of(1)};
            }) {
    stage->codes(codes0);
    stage->codes(codes1);
    stage->slots(slots0);
    stage->slots(slots1);
    stage->candidates(candidates);
  }
  // Row 5 is best when both segments count, row 9 next; alone, each segment would choose others.
  static std::vector<std::uint32_t> codes_of(std::uint32_t segment) {
    std::vector<std::uint32_t> codes(16, 10);
    codes[segment] = 30;
    codes[5] = 25;
    codes[9] = 24;
    return codes;
  }
  Fifo<Codes> codes0, codes1;
  Slots slots0, slots1;
  Fifo<TileCandidates> candidates;
  std::unique_ptr<TileSelection> stage;
  Source<Codes> source0, source1;
};

constexpr TraceShape two_segments{1, 1, 1, 1, 16, 128, 8};
void two_arrays(Config& config) { config.array.count = 2; }

void check_selected_at(StageCase& c, TwoSegments& bench, Cycle at) {
  run_to_eve_of(c.clock, at);
  CHECK(bench.candidates.front() == nullptr);
  run_into(c.clock, at);
  REQUIRE(bench.candidates.front() != nullptr);
  const std::vector<Candidate>& best = bench.candidates.front()->candidates;
  REQUIRE(best.size() == 2);
  CHECK(best[0] == Candidate{c.sensing.score(0, 25) + c.sensing.score(1, 25), 5});
  CHECK(best[1] == Candidate{c.sensing.score(0, 24) + c.sensing.score(1, 24), 9});
}

}  // namespace

TEST_CASE("a tile in two segments is selected when the later one is there, by the sum of both") {
  StageCase c(two_segments, two_arrays);
  TwoSegments bench(c, 10, 25);
  check_selected_at(c, bench, 25 + work);
}

TEST_CASE("a last segment that comes first waits, and blocks its array's pipeline until the register has the tile") {
  StageCase c(two_segments, two_arrays);
  TwoSegments bench(c, 25, 10);
  check_selected_at(c, bench, 25 + work);
  bench.slots1.give(bench.candidates.front()->slot, 25 + work);
  bench.stage->finish(100);
  CHECK(bench.stage->ledgers[0].busy() == 2);  // scaling only
  CHECK(bench.stage->ledgers[0].blocked() == 0);
  CHECK(bench.stage->ledgers[1].busy() == work);
  CHECK(bench.stage->ledgers[1].blocked() == 25 - 10);
  CHECK(conserves(bench.stage->ledgers[0], 100));
  CHECK(conserves(bench.stage->ledgers[1], 100));
}
