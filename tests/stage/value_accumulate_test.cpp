// SPDX-License-Identifier: Apache-2.0
#include "engines/systemc/value_accumulate.h"

#include "support/catch.h"
#include "support/collecting_sink.h"
#include "support/stage_bench.h"

using namespace capcam;
using namespace capcam::testing;

namespace {

constexpr std::uint32_t keys = 5;
constexpr Cycle service = keys * 8 / 8 + 4;  // 5 rows of 8 elements, 8 lanes, 4 cycles through the pipeline
constexpr TraceShape four_queries{1, 1, 1, 4, 64, 64, 8};

float weight(std::size_t i, std::uint32_t k) { return 0.125f * static_cast<float>(k + 1 + i); }

// Contextualization of queries 0, 1, ... of one head, each with keys i, i + 7, ...
struct Bench {
  Bench(const char* name, StageCase& c, std::uint32_t queries, std::function<Cycle(std::size_t)> due)
      : groups(c.workload, c.mapping, 0, 1),
        weights(c.clock, 1),
        done(c.clock, 2),
        heads(1),
        stage((std::string(name) + "_stage").c_str(), c.clock, c.config,
              static_cast<std::uint32_t>(c.trace.shape.value_dim), weights, nullptr, done, groups, sink, heads,
              c.counts),
        source((std::string(name) + "_source").c_str(), c.clock, weights, queries, std::move(due),
               [this](std::size_t i, Weights& w) {
                 w = {groups.at(i), 0, {}, {}};
                 for (std::uint32_t k = 0; k < keys; ++k) {
                   w.keys.push_back({0, static_cast<std::uint32_t>(i + 7 * k)});
                   w.weights.push_back(weight(i, k));
                 }
               }) {}
  GroupSource groups;
  Fifo<Weights> weights;
  Fifo<RowMessage> done;
  CollectingSink sink;
  std::vector<HeadStats> heads;
  ValueAccumulate stage;
  Source<Weights> source;
};

}  // namespace

TEST_CASE("an output is there after the issues and the pipeline, not a cycle earlier") {
  StageCase c;
  Bench bench("b", c, 1, [](std::size_t) { return Cycle{10}; });
  run_to_eve_of(c.clock, 10 + service);
  CHECK(bench.sink.taken == 0);
  run_into(c.clock, 10 + service);
  CHECK(bench.sink.taken == 1);
}

TEST_CASE("units without a pipeline take their whole latency for every issue") {
  StageCase c({1, 1, 1, 1, 64, 64, 8}, [](Config& config) { config.value.pipelined_mac = false; });
  Bench bench("b", c, 1, [](std::size_t) { return Cycle{10}; });
  run_to_eve_of(c.clock, 10 + 5 * 4);
  CHECK(bench.sink.taken == 0);
  run_into(c.clock, 10 + 5 * 4);
  CHECK(bench.sink.taken == 1);
}

TEST_CASE("the value units finish a query every service time and take the next only then") {
  StageCase c(four_queries);
  Bench bench("b", c, 4, [](std::size_t) { return Cycle{10}; });
  sc_core::sc_start();
  REQUIRE(bench.sink.taken == 4);
  for (std::uint32_t i = 0; i < 4; ++i) {
    CHECK(bench.sink.results.at({0, i}).cycle == 10 + service * (i + 1));
    CHECK(bench.source.pushed[i] == 10 + service * i);
  }
}

TEST_CASE("what leaves the last stage is the weighted sum of the value rows") {
  StageCase c(four_queries);
  Bench bench("b", c, 4, [](std::size_t i) { return Cycle{10 + 3 * i}; });
  sc_core::sc_start();
  const auto head = c.workload.head(0);
  for (std::uint32_t i = 0; i < 4; ++i) {
    std::vector<float> sum(8);
    for (std::uint32_t k = 0; k < keys; ++k)
      for (std::uint32_t d = 0; d < 8; ++d) sum[d] += weight(i, k) * head->value_row(i + 7 * k)[d];
    CHECK(bench.sink.results.at({0, i}).output == sum);
  }
}

TEST_CASE("value_accumulate: every cycle is busy, starved or blocked") {
  StageCase c(four_queries);
  Bench bench("b", c, 4, [](std::size_t i) { return Cycle{10 + 50 * i}; });
  sc_core::sc_start();
  bench.stage.finish(300);
  CHECK(bench.stage.ledger.busy() == 4 * service);
  CHECK(bench.stage.ledger.blocked() == 0);
  CHECK(conserves(bench.stage.ledger, 300));
  CHECK(c.counts.value_mac_mac == 4 * keys * 8);
  CHECK(c.counts.value_sram_read == 4 * keys);
  CHECK(c.counts.output_buffer_read == 4 * keys);
}

TEST_CASE("weights that come later give the same outputs later") {
  StageCase c(four_queries);
  Bench free("free", c, 4, [](std::size_t) { return Cycle{10}; });
  Bench held("held", c, 4, [](std::size_t i) { return Cycle{10 + 31 * i}; });
  sc_core::sc_start();
  for (std::uint32_t i = 0; i < 4; ++i)
    CHECK(free.sink.results.at({0, i}).output == held.sink.results.at({0, i}).output);
  CHECK(free.stage.last_completion() < held.stage.last_completion());
}

TEST_CASE("the last issue of a query need not fill all lanes") {
  StageCase c({1, 1, 1, 1, 64, 64, 3});  // 5 rows of 3 elements on 8 lanes: 2 issues
  Bench bench("b", c, 1, [](std::size_t) { return Cycle{10}; });
  sc_core::sc_start();
  CHECK(bench.stage.last_completion() == 10 + 2 + 4);
  CHECK(c.counts.value_sram_read == 2);
}

TEST_CASE("a query without a valid key is complete when it arrives, with an output of zeros") {
  StageCase c;
  GroupSource groups(c.workload, c.mapping, 0, 1);
  Fifo<Weights> weights(c.clock, 1);
  Fifo<RowMessage> done(c.clock, 2);
  CollectingSink sink;
  std::vector<HeadStats> heads(1);
  ValueAccumulate stage("stage", c.clock, c.config, 8, weights, nullptr, done, groups, sink, heads, c.counts);
  Source<Weights> source(
      "source", c.clock, weights, 1, [](std::size_t) { return Cycle{10}; },
      [&](std::size_t, Weights& w) {
        w = {groups.at(0), 0, {}, {}};
      });
  sc_core::sc_start();
  REQUIRE(sink.taken == 1);
  CHECK(sink.results.at({0, 0}).cycle == 10);
  CHECK(sink.results.at({0, 0}).output == std::vector<float>(8, 0.0f));
  CHECK(heads[0].empty_queries == 1);
  CHECK(c.counts.value_mac_mac == 0);
}

namespace {

// The same case behind a prefetch. The rows of query i are requested at 5 + i; its weights come at `due` or, with the
// units taken, as soon after as they can.
struct FromDram {
  FromDram(StageCase& c, std::uint32_t queries, Cycle due = 10)
      : value_dim(static_cast<std::uint32_t>(c.trace.shape.value_dim)),
        groups(c.workload, c.mapping, 0, 1),
        weights(c.clock, 1),
        fetches(c.clock, 4),
        drops(c.clock, 2),
        done(c.clock, 2),
        heads(1),
        dram("dram", c.clock, c.config),
        prefetch("prefetch", c.clock, c.config, c.mapping, value_dim, 0, fetches, drops, done, dram, c.counts),
        stage("stage", c.clock, c.config, value_dim, weights, &prefetch, done, groups, sink, heads, c.counts),
        rows(
            "rows", c.clock, fetches, queries, [](std::size_t i) { return Cycle{5 + i}; },
            [](std::size_t i, RowMessage& m) {
              m = {RowMessage::Kind::fetch, nullptr, i, {0, 7, 14, 21, 28}};
            }),
        source(
            "source", c.clock, weights, queries, [due](std::size_t) { return due; },
            [this](std::size_t i, Weights& w) {
              w = {groups.at(i), 0, {}, std::vector<float>(keys, 0.5f)};
              for (std::uint32_t k = 0; k < keys; ++k) w.keys.push_back({0, 7 * k});
            }) {
    for (std::uint32_t i = 0; i < queries; ++i) prefetch.enter(i);
  }
  std::uint32_t value_dim;
  GroupSource groups;
  Fifo<Weights> weights;
  Fifo<RowMessage> fetches, drops, done;
  CollectingSink sink;
  std::vector<HeadStats> heads;
  Dram dram;
  Prefetch prefetch;
  ValueAccumulate stage;
  Source<RowMessage> rows;
  Source<Weights> source;
};

constexpr Cycle latency = 24;
void fetched_rows(Config& config) {
  config.memory.value_source = ValueSource::dram_prefetch;
  config.memory.latency_cycles = latency;
  config.memory.value_sram_kib = 1;
  config.top_n.n = keys;
}

}  // namespace

TEST_CASE("a query whose value rows are not there yet waits for them, and for nothing more") {
  StageCase c({1, 1, 1, 1, 64, 64, 8}, fetched_rows);
  FromDram bench(c, 1);
  run_to_eve_of(c.clock, 5 + latency + service);
  CHECK(bench.sink.taken == 0);
  run_into(c.clock, 5 + latency + service);
  CHECK(bench.sink.taken == 1);
  bench.stage.finish(100);
  CHECK(bench.stage.ledger.busy() == service);  // waiting for rows is starving
  CHECK(bench.stage.ledger.blocked() == 0);
  CHECK(conserves(bench.stage.ledger, 100));
}

TEST_CASE("a finished query makes room for the next one's value rows, which come a latency later") {
  StageCase c({1, 1, 1, 2, 64, 64, 100}, fetched_rows);  // 200 bytes per row: a KiB holds the five rows of one query
  FromDram bench(c, 2);
  sc_core::sc_start();
  const Cycle long_service = (keys * 100 + 7) / 8 + 4, first = 5 + latency + long_service;
  REQUIRE(bench.sink.taken == 2);
  CHECK(bench.sink.results.at({0, 0}).cycle == first);
  CHECK(bench.sink.results.at({0, 1}).cycle == first + latency + long_service);
  CHECK(c.counts.dram_value_bytes == 2 * keys * 200);
}

TEST_CASE("value rows that are there before the weights cost no time") {
  StageCase c({1, 1, 1, 1, 64, 64, 8}, fetched_rows);
  FromDram bench(c, 1, 5 + latency + 11);
  sc_core::sc_start();
  REQUIRE(bench.sink.taken == 1);
  CHECK(bench.sink.results.at({0, 0}).cycle == 5 + latency + 11 + service);
}
