// SPDX-License-Identifier: Apache-2.0
#include "engines/systemc/contextualization.h"

#include "support/catch.h"
#include "support/stage_bench.h"

using namespace capcam;
using namespace capcam::systemc;
using namespace capcam::testing;

namespace {

constexpr std::uint32_t keys = 5;
constexpr Cycle service = keys * 8 / 8 + 4;  // 5 rows of 8 elements, 8 lanes, 4 cycles through the pipeline
constexpr TraceShape four_queries{1, 1, 1, 4, 64, 64, 8};

float weight(std::size_t i, std::uint32_t k) { return 0.125f * static_cast<float>(k + 1 + i); }
float value(std::size_t i, std::uint32_t k, std::size_t d) {
  return static_cast<float>(i) - 2.0f * static_cast<float>(k) + 0.25f * static_cast<float>(d);
}

// Contextualization of queries 0, 1, ... of one head, each with keys i, i + 7, ...; the rows of query i are there at
// `rows_due(i)`, its weights at `due(i)`, or as soon after as they are taken.
struct Bench {
  Bench(
      const std::string& name, StageCase& c, std::uint32_t queries, std::function<Cycle(std::size_t)> due,
      std::function<Cycle(std::size_t)> rows_due = [](std::size_t) { return Cycle(1); }, std::uint32_t kept = keys)
      : weights((name + "_weights").c_str(), c.clock, 1),
        rows((name + "_rows").c_str(), c.clock, 1),
        outputs((name + "_outputs").c_str(), c.clock, 2),
        stage(model_contextualization((name + "_stage").c_str(), c.context)),
        softmax((name + "_softmax").c_str(), c.clock, weights, queries, std::move(due),
                [&c, kept](std::size_t i, Weights& w) {
                  w = {c.query(i), {}, {}};
                  for (std::uint32_t k = 0; k < kept; ++k) {
                    w.keys.push_back({0, static_cast<std::uint32_t>(i + 7 * k)});
                    w.weights.push_back(weight(i, k));
                  }
                }),
        prefetch((name + "_prefetch").c_str(), c.clock, rows, kept > 0 ? queries : 0, std::move(rows_due),
                 [&c, kept](std::size_t i, ValueRows& r) {
                   r = {c.query(i).sequence, {}, {}};
                   for (std::uint32_t k = 0; k < kept; ++k) {
                     r.keys.push_back(static_cast<std::uint32_t>(i + 7 * k));
                     for (std::size_t d = 0; d < c.trace.shape.value_dim; ++d) r.values.push_back(value(i, k, d));
                   }
                 }),
        sink((name + "_sink").c_str(), c.clock, outputs) {
    stage->weights(weights);
    stage->rows(rows);
    stage->outputs(outputs);
  }
  Fifo<Weights> weights;
  Fifo<ValueRows> rows;
  Fifo<Output> outputs;
  std::unique_ptr<Contextualization> stage;
  Source<Weights> softmax;
  Source<ValueRows> prefetch;
  Sink<Output> sink;
};

}  // namespace

TEST_CASE("an output is there after the issues and the pipeline, not a cycle earlier") {
  StageCase c;
  Bench bench("b", c, 1, [](std::size_t) { return Cycle(10); });
  run_to_eve_of(c.clock, 10 + service);
  CHECK(bench.sink.tokens.empty());
  run_into(c.clock, 10 + service);
  CHECK(bench.sink.tokens.size() == 1);
}

TEST_CASE("units without a pipeline take their whole latency for every issue") {
  StageCase c({1, 1, 1, 1, 64, 64, 8}, [](Config& config) { config.value.pipelined_mac = false; });
  Bench bench("b", c, 1, [](std::size_t) { return Cycle(10); });
  run_to_eve_of(c.clock, 10 + 5 * 4);
  CHECK(bench.sink.tokens.empty());
  run_into(c.clock, 10 + 5 * 4);
  CHECK(bench.sink.tokens.size() == 1);
}

TEST_CASE("the value units finish a query every service time and take the next only then") {
  StageCase c(four_queries);
  Bench bench("b", c, 4, [](std::size_t) { return Cycle(10); });
  sc_core::sc_start();
  REQUIRE(bench.sink.tokens.size() == 4);
  for (Cycle i = 0; i < 4; ++i) {
    CHECK(bench.sink.ready[i] == 10 + service * (i + 1));
    CHECK(bench.softmax.pushed[i] == 10 + service * i);
  }
}

TEST_CASE("what leaves the last stage is the weighted sum of the value rows") {
  StageCase c(four_queries);
  Bench bench("b", c, 4, [](std::size_t i) { return Cycle(10 + 3 * i); });
  sc_core::sc_start();
  REQUIRE(bench.sink.tokens.size() == 4);
  for (std::uint32_t i = 0; i < 4; ++i) {
    std::vector<float> sum(8);
    for (std::uint32_t k = 0; k < keys; ++k)
      for (std::uint32_t d = 0; d < 8; ++d) sum[d] += weight(i, k) * value(i, k, d);
    CHECK(bench.sink.tokens[i].query == i);
    CHECK(bench.sink.tokens[i].values == sum);
  }
}

TEST_CASE("contextualization: every cycle is busy, starved or blocked") {
  StageCase c(four_queries);
  Bench bench("b", c, 4, [](std::size_t i) { return Cycle(10 + 50 * i); });
  sc_core::sc_start();
  bench.stage->finish(300);
  CHECK(bench.stage->ledger.busy() == 4 * service);
  CHECK(bench.stage->ledger.blocked() == 0);
  CHECK(conserves(bench.stage->ledger, 300));
  CHECK(c.counts.value_mac_mac == 4 * keys * 8);
  CHECK(c.counts.value_sram_read == 4 * keys);
  CHECK(c.counts.output_buffer_read == 4 * keys);
}

TEST_CASE("weights that come later give the same outputs later") {
  StageCase c(four_queries);
  Bench free("free", c, 4, [](std::size_t) { return Cycle(10); });
  Bench held("held", c, 4, [](std::size_t i) { return Cycle(10 + 31 * i); });
  sc_core::sc_start();
  REQUIRE(free.sink.tokens.size() == 4);
  REQUIRE(held.sink.tokens.size() == 4);
  for (std::size_t i = 0; i < 4; ++i) CHECK(free.sink.tokens[i].values == held.sink.tokens[i].values);
  CHECK(free.sink.ready.back() < held.sink.ready.back());
}

TEST_CASE("the last issue of a query need not fill all lanes") {
  StageCase c({1, 1, 1, 1, 64, 64, 3});  // 5 rows of 3 elements on 8 lanes: 2 issues
  Bench bench("b", c, 1, [](std::size_t) { return Cycle(10); });
  sc_core::sc_start();
  CHECK(bench.sink.ready == std::vector<Cycle>{10 + 2 + 4});
  CHECK(c.counts.value_sram_read == 2);
}

TEST_CASE("a query without a valid key is complete when it arrives, with an output of zeros") {
  StageCase c;
  Bench bench(
      "b", c, 1, [](std::size_t) { return Cycle(10); }, [](std::size_t) { return Cycle(1); }, 0);
  sc_core::sc_start();
  REQUIRE(bench.sink.tokens.size() == 1);
  CHECK(bench.sink.ready[0] == 10);
  CHECK(bench.sink.tokens[0].selection.empty());
  CHECK(bench.sink.tokens[0].values == std::vector<float>(8, 0.0f));
  CHECK(c.counts.value_mac_mac == 0);
}

TEST_CASE("a query whose value rows are not there yet waits for them, and for nothing more") {
  StageCase c;
  Bench bench(
      "b", c, 1, [](std::size_t) { return Cycle(10); }, [](std::size_t) { return Cycle(29); });
  run_to_eve_of(c.clock, 29 + service);
  CHECK(bench.sink.tokens.empty());
  run_into(c.clock, 29 + service);
  CHECK(bench.sink.tokens.size() == 1);
  bench.stage->finish(100);
  CHECK(bench.stage->ledger.busy() == service);  // waiting for rows is starving
  CHECK(bench.stage->ledger.blocked() == 0);
  CHECK(conserves(bench.stage->ledger, 100));
}

TEST_CASE("the prefetch and a decoder's dispatch hear of a query when its output is complete") {
  StageCase c(four_queries);
  Bench bench("b", c, 4, [](std::size_t i) { return Cycle(10 + 3 * i); });
  Fifo<QueryDone> done("done", c.clock, 2), completed("completed", c.clock, 2);
  bench.stage->done(done);
  bench.stage->completed(completed);
  Sink<QueryDone> to_prefetch("to_prefetch", c.clock, done), to_dispatch("to_dispatch", c.clock, completed);
  sc_core::sc_start();
  CHECK(to_prefetch.ready == bench.sink.ready);
  CHECK(to_dispatch.ready == bench.sink.ready);
  REQUIRE(to_prefetch.tokens.size() == 4);
  for (std::size_t i = 0; i < 4; ++i) CHECK(to_prefetch.tokens[i].sequence == i);
}

TEST_CASE("value rows of other keys are not taken for those of the kept ones") {
  StageCase c;
  Bench bench("b", c, 1, [](std::size_t) { return Cycle(10); });
  bench.rows.disturb([](ValueRows& rows) { rows.keys[3] += 1; });
  CHECK_THROWS_WITH(sc_core::sc_start(), ContainsSubstring("head 0 query 0 weighs key 21, but its value row does not"));
}
