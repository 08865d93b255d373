// SPDX-License-Identifier: Apache-2.0
#include "systemc/tile_selection.h"

#include "support/catch.h"
#include "support/stage_bench.h"

using namespace capcam;
using namespace capcam::testing;

namespace {

constexpr Cycle work = 2 + 2 + 1;  // scaling, tile selection, register write of the default machine

// Codes in row r of the i-th result: some rows equal, so that ties occur.
std::uint32_t code_of(std::size_t i, std::uint32_t row) { return static_cast<std::uint32_t>((row * 7 + i) % 11); }

// A tile selection behind one array's converters; the register takes the i-th result `stall(i)` cycles after it is
// there.
struct Bench final : Stage {
  Bench(
      const char* name, StageCase& c, std::size_t results, std::function<Cycle(std::size_t)> due,
      std::function<Cycle(std::size_t)> stall_ = [](std::size_t) { return Cycle{0}; })
      : Stage((std::string(name) + "_register").c_str(), c.clock),
        codes(c.clock, 2),
        slots(64),
        candidates(c.clock, 64),
        stage((std::string(name) + "_stage").c_str(), c.clock, c.config, c.mapping, c.sensing, {&codes}, {&slots},
              candidates, c.counts),
        source((std::string(name) + "_source").c_str(), c.clock, codes, results, std::move(due),
               [&c, this](std::size_t i, Codes& token) {
                 token = {&c.group(), 0, static_cast<std::uint32_t>(i % 4), 0, slots.take(), {}};
                 for (std::uint32_t row = 0; row < 16; ++row) token.codes.push_back(code_of(i, row));
               }),
        stall(std::move(stall_)) {
    candidates.bind_reader(wake);
  }
  std::string state() const override { return name(); }
  void step() override {
    for (; candidates.ready(); candidates.pop()) {
      slots.give(candidates.front().slot, now() + stall(ready.size()));
      ready.push_back(now());
      tokens.push_back(candidates.front());
    }
    wake_at(candidates.ready_at());
  }
  Fifo<Codes> codes;
  Slots slots;
  Fifo<TileCandidates> candidates;
  TileSelection stage;
  Source<Codes> source;
  std::function<Cycle(std::size_t)> stall;
  std::vector<Cycle> ready;
  std::vector<TileCandidates> tokens;
};

// The two best rows of the i-th result by looking at all of them.
std::vector<Candidate> two_best(std::size_t i, std::uint32_t first_key, const Sensing& sensing) {
  std::vector<Candidate> all;
  for (std::uint32_t row = 0; row < 16; ++row) all.push_back({sensing.score(0, code_of(i, row)), first_key + row});
  std::sort(all.begin(), all.end(), better);
  all.resize(2);
  return all;
}

}  // namespace

TEST_CASE("a tile's best keys are there after scaling, selection and register write, not a cycle earlier") {
  StageCase c;
  Bench bench("b", c, 1, [](std::size_t) { return Cycle{10}; });
  run_to_eve_of(c.clock, 10 + work);
  CHECK(bench.ready.empty());
  run_into(c.clock, 10 + work);
  CHECK(bench.ready.size() == 1);
}

TEST_CASE("the tile selection is a pipeline: it takes a result every cycle") {
  StageCase c;
  Bench bench("b", c, 20, [](std::size_t i) { return Cycle{1 + i}; });
  sc_core::sc_start();
  REQUIRE(bench.ready.size() == 20);
  for (std::size_t i = 0; i < 20; ++i) CHECK(bench.ready[i] == 1 + i + work);
}

TEST_CASE("every tile's two best keys are selected, equal scores by the lower key, in order and none twice") {
  StageCase c;
  Bench bench(
      "b", c, 40, [](std::size_t i) { return Cycle{1 + 2 * i}; }, [](std::size_t i) { return Cycle{i * 3 % 17}; });
  sc_core::sc_start();
  REQUIRE(bench.tokens.size() == 40);
  for (std::uint32_t i = 0; i < 40; ++i) {
    CHECK(bench.tokens[i].tile == i % 4);
    CHECK(bench.tokens[i].candidates == two_best(i, 16 * (i % 4), c.sensing));
  }
}

TEST_CASE("tile_selection: every cycle is busy, starved or blocked") {
  StageCase c;
  Bench bench(
      "b", c, 6, [](std::size_t i) { return Cycle{1 + 40 * i}; },
      [](std::size_t i) { return Cycle{i == 2 ? 10u : 0u}; });
  sc_core::sc_start();
  bench.stage.finish(300);
  const Ledger& ledger = bench.stage.ledgers.front();
  CHECK(ledger.busy() == 6 * work);
  CHECK(ledger.blocked() == 10);  // the third result waited for the register
  CHECK(conserves(ledger, 300));
  CHECK(c.counts.score_scaler_scale == 6 * 16);
  CHECK(c.counts.tile_selector_select == 6);
}

TEST_CASE("results that come later select the same keys") {
  StageCase c;
  Bench free("free", c, 12, [](std::size_t i) { return Cycle{1 + i}; });
  Bench held("held", c, 12, [](std::size_t i) { return Cycle{5 + i * i}; });
  sc_core::sc_start();
  REQUIRE(free.tokens.size() == held.tokens.size());
  for (std::size_t i = 0; i < free.tokens.size(); ++i) CHECK(free.tokens[i].candidates == held.tokens[i].candidates);
  CHECK(free.ready != held.ready);
}
