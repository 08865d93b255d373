// What measuring accuracy costs, step by step, on one head of D = Dv. bench/attention_bench.py runs it beside numpy.
//   exact:    full-precision attention in blocks of queries
//   recall:   the same, and which kept keys are among the best
//   ideal:    ideal one-bit attention, query by query
//   prepare:  the keys and values of a head, read and arranged once for all of its queries
//   accuracy: all that the meter does with the results of the machine
//   per_key:  accuracy of the same queries over 131,072 keys and over 1,024, in turns: what a key costs more
// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>

#include <algorithm>
#include <ctime>
#include <numeric>
#include <vector>

#include "bench/case.h"
#include "engines/fast/engine.h"
#include "stats/accuracy_meter.h"
#include "stats/block_accuracy.h"

namespace capcam::bench {
namespace {

// 4 million query-key pairs, at most 1024 queries.
Shape shape_of(const benchmark::State& state) {
  const auto keys = static_cast<std::uint64_t>(state.range(0));
  return {1, std::clamp<std::uint64_t>((std::uint64_t{1} << 22) / keys, 32, 1024), keys,
          static_cast<std::uint64_t>(state.range(1))};
}

void count(benchmark::State& state, std::uint64_t queries) {
  state.counters["us/head_query"] =
      benchmark::Counter(static_cast<double>(queries * static_cast<std::uint64_t>(state.iterations())) / 1e6,
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

// The first block of queries of head 0.
struct Block {
  explicit Block(const Case& problem)
      : keys(read_reference_keys(problem.trace, {})),
        queries(std::min<std::uint64_t>(ExactAttention::block_queries(problem.config.top_n.n),
                                        problem.trace.shape.queries)) {
    std::iota(queries.begin(), queries.end(), 0u);
    rows = read_queries(problem.trace, {}, queries);
    for (const std::uint32_t query : queries) valid.push_back(problem.workload.valid_keys({})(query));
  }
  ReferenceKeys keys;
  std::vector<std::uint32_t> queries;
  std::vector<float> rows;
  std::vector<ValidKeys> valid;
};

void exact(benchmark::State& state) {
  const Case problem(shape_of(state));
  const Block block(problem);
  ExactAttention attention;
  for (auto _ : state) {
    attention.attend(block.keys, block.rows, block.valid, 0.125);
    benchmark::DoNotOptimize(attention.output(0).data());
  }
  count(state, block.queries.size());
}

// Results of the machine, as a sink keeps them.
class Results final : public ResultSink {
 public:
  void take(const QueryResult& result) override {
    selections.emplace_back(result.selection.begin(), result.selection.end());
    outputs.emplace_back(result.output.begin(), result.output.end());
  }
  QueryResult operator[](std::uint32_t query) const { return {0, query, selections[query], outputs[query]}; }
  std::vector<std::vector<Candidate>> selections;
  std::vector<std::vector<float>> outputs;
};

void recall(benchmark::State& state) {
  const Case problem(shape_of(state));
  const Block block(problem);
  Results results;
  compute_fast(problem.workload, problem.config, problem.mapping, results, 1);
  ExactAttention attention;
  for (auto _ : state) {
    attention.attend(block.keys, block.rows, block.valid, 0.125, problem.config.top_n.n);
    for (const std::uint32_t query : block.queries)
      benchmark::DoNotOptimize(attention.recall(query, results.selections[query]));
  }
  count(state, block.queries.size());
}

void ideal(benchmark::State& state) {
  const Case problem(shape_of(state));
  const Block block(problem);
  const MeasuredHead head(problem.workload, {}, problem.config.top_n.n);
  const auto head_dim = static_cast<std::uint32_t>(problem.trace.shape.head_dim);
  BitRows bits({head_dim, head_dim}, static_cast<std::uint32_t>(block.queries.size()));
  for (std::uint32_t i = 0; i < bits.rows(); ++i)
    bits.pack(i, std::span(block.rows).subspan(std::size_t{i} * head_dim, head_dim));
  IdealAttention::Result result;
  for (auto _ : state) {
    for (std::uint32_t i = 0; i < bits.rows(); ++i) {
      head.ideal.attend(bits, i, block.valid[i], result);
      benchmark::DoNotOptimize(result.output.data());
    }
  }
  count(state, bits.rows());
}

void prepare(benchmark::State& state) {
  const Case problem(shape_of(state));
  for (auto _ : state) {
    const MeasuredHead head(problem.workload, {}, problem.config.top_n.n);
    benchmark::DoNotOptimize(head.keys.values.data());
  }
  state.counters["ns/key"] = benchmark::Counter(
      static_cast<double>(problem.trace.shape.keys * static_cast<std::uint64_t>(state.iterations())) / 1e9,
      benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

// A head whose results are there.
struct Measured {
  explicit Measured(const Shape& shape) : problem(shape) {
    compute_fast(problem.workload, problem.config, problem.mapping, results, 1);
  }
  void measure() const {
    AccuracyMeter meter(problem.workload, problem.config, 1.0);
    for (std::uint32_t query = 0; query < problem.trace.shape.queries; ++query) meter.take(results[query]);
    benchmark::DoNotOptimize(meter.result().exact->cosine);
  }
  Case problem;
  Results results;
};

void accuracy(benchmark::State& state) {
  const Measured head(shape_of(state));
  for (auto _ : state) head.measure();
  count(state, head.problem.trace.shape.queries);
}

double processor_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

void per_key(benchmark::State& state) {
  constexpr std::uint64_t few = 1024, many = 131072;
  const auto queries = static_cast<std::uint64_t>(state.range(0));
  const Measured short_head({1, queries, few, 64}), long_head({1, queries, many, 64});
  const auto least_seconds = [](const Measured& head, int times, double least) {
    for (int i = 0; i < times; ++i) {
      const double start = processor_seconds();
      head.measure();
      least = std::min(least, processor_seconds() - start);
    }
    return least;
  };
  double of_short = 1e9, of_long = 1e9;
  for (auto _ : state) {
    of_short = least_seconds(short_head, 20, of_short);
    of_long = least_seconds(long_head, 1, of_long);
  }
  state.counters["us/head_query"] = of_long / static_cast<double>(queries) * 1e6;
  state.counters["per_key"] = of_long / of_short * few / many;
}

void shapes(benchmark::internal::Benchmark* of) {
  of->ArgNames({"n", "D"})->ArgsProduct({{256, 1024, 4096, 16384, 131072}, {64}})->Args({1024, 128});
}
BENCHMARK(exact)->Apply(shapes);
BENCHMARK(recall)->Apply(shapes);
BENCHMARK(ideal)->Apply(shapes);
BENCHMARK(prepare)->Apply(shapes);
BENCHMARK(accuracy)->Apply(shapes);
BENCHMARK(per_key)->ArgName("queries")->Arg(64)->Arg(256)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace capcam::bench
