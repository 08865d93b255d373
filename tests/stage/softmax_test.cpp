// SPDX-License-Identifier: Apache-2.0
#include "engines/systemc/softmax.h"

#include "support/catch.h"
#include "support/stage_bench.h"

using namespace capcam;
using namespace capcam::systemc;
using namespace capcam::testing;

namespace {

constexpr std::uint32_t keys = 5;
constexpr Cycle lookup_cycles = 1, divide_cycles = 3, merge_cycles = 6;
constexpr Cycle service = keys * lookup_cycles + keys * divide_cycles;

// A softmax behind a source of merged selections of five keys; the i-th selection's best key is key i.
struct Bench {
  Bench(const std::string& name, StageCase& c, std::size_t count, std::function<Cycle(std::size_t)> due,
        std::uint32_t kept = keys)
      : selections((name + "_selections").c_str(), c.clock, 1),
        weights((name + "_weights").c_str(), c.clock, 1),
        stage(model_softmax((name + "_stage").c_str(), c.context)),
        source((name + "_source").c_str(), c.clock, selections, count, std::move(due),
               [&c, kept](std::size_t i, Selection& s) {
                 s = {c.query(), c.clock.now() - merge_cycles, {}};
                 for (std::uint32_t k = 0; k < kept; ++k)
                   s.keys.push_back({static_cast<std::int32_t>((60 - k) * 64), static_cast<std::uint32_t>(i + k)});
               }) {
    stage->selections(selections);
    stage->weights(weights);
  }
  const Weights* ready() { return weights.front(); }
  Fifo<Selection> selections;
  Fifo<Weights> weights;
  std::unique_ptr<Softmax> stage;
  Source<Selection> source;
};

}  // namespace

TEST_CASE("weights are there after a look-up and a division a key, not a cycle earlier") {
  StageCase c;
  Bench bench("b", c, 1, [](std::size_t) { return Cycle(10); });
  run_to_eve_of(c.clock, 10 + service);
  CHECK(bench.ready() == nullptr);
  run_into(c.clock, 10 + service);
  CHECK(bench.ready() != nullptr);
}

TEST_CASE("a pipelined divider starts a weight a cycle") {
  StageCase c({1, 1, 1, 1, 64, 64, 8}, [](Config& config) { config.softmax.pipelined_divider = true; });
  Bench bench("b", c, 1, [](std::size_t) { return Cycle(10); });
  const Cycle due = 10 + keys * lookup_cycles + (keys + divide_cycles);  // operations + latency
  run_to_eve_of(c.clock, due);
  CHECK(bench.ready() == nullptr);
  run_into(c.clock, due);
  CHECK(bench.ready() != nullptr);
}

TEST_CASE("the softmax finishes a query every service time") {
  StageCase c;
  Bench bench("b", c, 8, [](std::size_t) { return Cycle(10); });
  Sink<Weights> sink("sink", c.clock, bench.weights);
  sc_core::sc_start();
  REQUIRE(sink.ready.size() == 8);
  for (Cycle i = 0; i < 8; ++i) CHECK(sink.ready[i] == 10 + service * (i + 1));
}

TEST_CASE("a softmax whose weights are not taken keeps them, and queries keep their order") {
  StageCase c;
  Bench bench("b", c, 8, [](std::size_t) { return Cycle(10); });
  Sink<Weights> sink("sink", c.clock, bench.weights, [](std::size_t i) { return Cycle(i == 1 ? 100u : 0u); });
  sc_core::sc_start();
  REQUIRE(sink.tokens.size() == 8);
  for (std::uint32_t i = 0; i < 8; ++i) CHECK(sink.tokens[i].keys.front().key == i);
  CHECK(sink.ready[2] == sink.ready[1] + 100);
}

TEST_CASE("softmax: every cycle is busy, starved or blocked") {
  StageCase c;
  Bench bench("b", c, 4, [](std::size_t i) { return Cycle(10 + 50 * i); });
  Sink<Weights> sink("sink", c.clock, bench.weights, [](std::size_t i) { return Cycle(i == 0 ? 90u : 0u); });
  sc_core::sc_start();
  bench.stage->finish(400);
  CHECK(bench.stage->softmax.busy() == 4 * service);
  CHECK(bench.stage->normalization.busy() == 4 * (merge_cycles + service));
  CHECK(bench.stage->softmax.blocked() > 0);
  CHECK(conserves(bench.stage->softmax, 400));
  CHECK(conserves(bench.stage->normalization, 400));
  CHECK(c.counts.exp_table_lookup == 4 * keys);
  CHECK(c.counts.output_buffer_write == 4 * keys * 2);
}

TEST_CASE("stalls around the softmax change when weights come, never the weights") {
  StageCase c;
  Bench free("free", c, 6, [](std::size_t) { return Cycle(10); });
  Bench held("held", c, 6, [](std::size_t i) { return Cycle(10 + 45 * i); });
  Sink<Weights> fast("fast", c.clock, free.weights);
  Sink<Weights> slow("slow", c.clock, held.weights, [](std::size_t i) { return Cycle(i * 11 % 30); });
  sc_core::sc_start();
  REQUIRE(fast.tokens.size() == slow.tokens.size());
  for (std::size_t i = 0; i < fast.tokens.size(); ++i) CHECK(fast.tokens[i].weights == slow.tokens[i].weights);
  CHECK(fast.ready != slow.ready);
}

TEST_CASE("the softmax passes a selection without keys on at once") {
  StageCase c;
  Bench bench(
      "b", c, 1, [](std::size_t) { return Cycle(10); }, 0);
  run_to_eve_of(c.clock, 10);
  CHECK(bench.ready() == nullptr);
  run_into(c.clock, 10);
  REQUIRE(bench.ready() != nullptr);
  CHECK(bench.ready()->weights.empty());
}
