// Measures the arithmetic of a head without times and counts, and the fast engine on the same head.
//   kernel: scores, selection, softmax, V of a head whose bits and values are prepared
//   bare:   the kernel after binarising, packing and rounding the head from the trace
//   fast:   the fast engine, which adds every cycle and count to bare
//   search_only: scores and selection of the kernel
// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>
#include <hwy/targets.h>

#include <optional>
#include <thread>
#include <vector>

#include "bench/case.h"
#include "engines/fast/engine.h"
#include "engines/fast/results/functional.h"

namespace capcam::bench {
namespace {

constexpr std::uint32_t run_length = 64;  // queries in a run, as in the fast engine

// 4 million query-key pairs, at most 4096 queries.
Shape shape_of(const benchmark::State& state) {
  const auto keys = static_cast<std::uint64_t>(state.range(0));
  const std::uint64_t queries = std::clamp<std::uint64_t>((std::uint64_t{1} << 22) / keys, 32, 4096);
  return {1, queries, keys, static_cast<std::uint64_t>(state.range(1))};
}

void compute(const fast::HeadFunction& function, std::uint32_t first, std::uint32_t last, std::uint32_t value_dim) {
  fast::HeadScratch scratch;
  fast::HeadResults results;
  for (; first < last; first += run_length) {
    results.clear(value_dim);
    function.compute(first, std::min(last, first + run_length), scratch, results);
    benchmark::DoNotOptimize(results.output(0).data());
  }
}

void compute(const fast::HeadFunction& function, const Head& head, unsigned threads) {
  std::vector<std::jthread> helpers;
  const auto part = [&](unsigned i) { return static_cast<std::uint32_t>(std::uint64_t{head.queries} * i / threads); };
  for (unsigned i = 1; i < threads; ++i)
    helpers.emplace_back([&, i] { compute(function, part(i), part(i + 1), head.value_dim); });
  compute(function, 0, part(1), head.value_dim);
}

void count(benchmark::State& state, const Shape& shape) {
  const double head_queries = static_cast<double>(shape.queries * static_cast<std::uint64_t>(state.iterations()));
  state.counters["head_queries/s"] = benchmark::Counter(head_queries, benchmark::Counter::kIsRate);
  state.counters["us/head_query"] =
      benchmark::Counter(head_queries / 1e6, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void kernel(benchmark::State& state) {
  const Case problem(shape_of(state));
  const auto head = problem.workload.head(0);
  const fast::HeadFunction function(*head, problem.config, problem.mapping, 0);
  for (auto _ : state) compute(function, *head, static_cast<unsigned>(state.range(2)));
  count(state, shape_of(state));
}

// Measures the same without AVX-512.
void kernel_avx2(benchmark::State& state) {
  if ((hwy::SupportedTargets() & HWY_AVX2) == 0) return state.SkipWithError("no AVX2 here");
  hwy::SetSupportedTargetsForTest(HWY_AVX2);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
  const Case problem(shape_of(state));
  const auto head = problem.workload.head(0);
  const fast::HeadFunction function(*head, problem.config, problem.mapping, 0);
  for (auto _ : state) compute(function, *head, 1);
  count(state, shape_of(state));
  hwy::SetSupportedTargetsForTest(0);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}
BENCHMARK(kernel_avx2)->ArgNames({"n", "D"})->ArgsProduct({{1024, 131072}, {64}})->UseRealTime();

// Measures cells that differ, and noise on every search.
void kernel_random(benchmark::State& state) {
  Case problem(shape_of(state));
  CircuitParams& circuit = problem.config.sensing.circuit;
  circuit.matching_coefficient = state.range(2) != 0 ? 0.0085 : 0.0;
  circuit.thermal_noise = state.range(3) != 0;
  const auto head = problem.workload.head(0);
  const fast::HeadFunction function(*head, problem.config, problem.mapping, 0);
  for (auto _ : state) compute(function, *head, 1);
  count(state, shape_of(state));
}
BENCHMARK(kernel_random)
    ->ArgNames({"n", "D", "mismatch", "noise"})
    ->ArgsProduct({{1024, 131072}, {64}, {0, 1}, {0, 1}})
    ->UseRealTime();

// Measures scores and selection alone. The ratio of the two cases of a size is the cost of cells that differ. With one
// array, all keys of a place in their tiles meet the same cells; with several, neighbouring tiles meet different cells.
void search_only(benchmark::State& state) {
  Case problem(shape_of(state));
  if (state.range(2) != 0) problem.config.sensing.circuit.matching_coefficient = 0.0085;
  const Config& config = problem.config;
  Mapping mapping = problem.mapping;
  mapping.arrays = static_cast<std::uint32_t>(state.range(3));
  const auto head = problem.workload.head(0);
  const Sensing sensing(config, mapping.segmentation);
  simd::Searcher searcher(head->key_bits, sensing, mapping.rows, config.top_n.tile_k, config.top_n.n,
                          mapping.interleave);
  std::optional<fast::RandomArrays> arrays;
  if (state.range(2) != 0) {
    arrays.emplace(config, mapping, 0);
    const auto row_of = [&](std::uint32_t key, std::uint32_t segment) -> const simd::RandomPlanes::Row& {
      return arrays->row(key, segment);
    };
    if (!searcher.make_random(head->key_bits, arrays->readout(), head->number, row_of))
      return state.SkipWithError("cells too large");
  }
  simd::Searcher::Scratch scratch;
  for (auto _ : state) {
    for (std::uint32_t query = 0; query < head->queries; ++query) {
      searcher.search(head->query_bits, query, head->valid(query), scratch);
      benchmark::DoNotOptimize(scratch.key.data());
    }
  }
  count(state, shape_of(state));
}
BENCHMARK(search_only)
    ->ArgNames({"n", "D", "mismatch", "arrays"})
    ->ArgsProduct({{1024, 131072}, {64}, {0, 1}, {1, 3}})
    ->UseRealTime();

// Measures selection over all keys at once, as in Hamming attention without tiles.
void kernel_one_stage(benchmark::State& state) {
  Shape shape = shape_of(state);
  shape.tile_k = 0;
  const Case problem(shape);
  const auto head = problem.workload.head(0);
  const fast::HeadFunction function(*head, problem.config, problem.mapping, 0);
  for (auto _ : state) compute(function, *head, 1);
  count(state, shape);
}
BENCHMARK(kernel_one_stage)->ArgNames({"n", "D"})->ArgsProduct({{1024, 131072}, {64}})->UseRealTime();

void bare(benchmark::State& state) {
  const Case problem(shape_of(state));
  for (auto _ : state) {
    const auto head = problem.workload.head(0);
    const fast::HeadFunction function(*head, problem.config, problem.mapping, 0);
    compute(function, *head, static_cast<unsigned>(state.range(2)));
  }
  count(state, shape_of(state));
}

void fast_engine(benchmark::State& state) {
  const Case problem(shape_of(state));
  Discard sink;
  for (auto _ : state) {
    simulate_fast(problem.workload, problem.config, problem.mapping, sink, static_cast<unsigned>(state.range(2)));
  }
  count(state, shape_of(state));
}

void shapes(benchmark::internal::Benchmark* of) {
  of->ArgNames({"n", "D", "threads"})
      ->ArgsProduct({{256, 1024, 4096, 16384, 131072}, {32, 64, 128}, {1, 2}})
      ->UseRealTime()
      ->Unit(benchmark::kMillisecond);
}
BENCHMARK(kernel)->Apply(shapes);
BENCHMARK(bare)->Apply(shapes);
BENCHMARK(fast_engine)->Apply(shapes);

// Measures whole models after loading: 12 layers of 12 heads of 512 tokens, 24 layers of 16 heads of 1024 tokens.
void model(benchmark::State& state) {
  Shape shape{static_cast<std::uint64_t>(state.range(0)), static_cast<std::uint64_t>(state.range(1)),
              static_cast<std::uint64_t>(state.range(1)), 64};
  const Case problem(shape);
  Discard sink;
  const auto threads = static_cast<unsigned>(state.range(2));
  for (auto _ : state) simulate_fast(problem.workload, problem.config, problem.mapping, sink, threads);
  shape.queries *= shape.heads;
  count(state, shape);
}
// Measures the part of that time that `time_fast` takes.
void model_timing(benchmark::State& state) {
  const Case problem({static_cast<std::uint64_t>(state.range(0)), static_cast<std::uint64_t>(state.range(1)),
                      static_cast<std::uint64_t>(state.range(1)), 64});
  for (auto _ : state) time_fast(problem.workload, problem.config, problem.mapping, [] { return false; });
}
BENCHMARK(model_timing)
    ->ArgNames({"heads", "tokens"})
    ->Args({12 * 12, 512})
    ->Args({24 * 16, 1024})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK(model)
    ->ArgNames({"heads", "tokens", "threads"})
    ->Args({12 * 12, 512, 1})
    ->Args({12 * 12, 512, 2})
    ->Args({24 * 16, 1024, 1})
    ->Args({24 * 16, 1024, 2})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace capcam::bench
