// Measures the simulated cycles and head-queries of the systemc engine per second of host time, on its one thread. The
// SystemC kernel elaborates once per process, so every repetition is a child process that times itself; preparing the
// trace is not counted.
// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <systemc>

#include "bench/case.h"
#include "engines/systemc/engine.h"

namespace {

struct Measured {
  double seconds = 0.0;
  double cycles = 0.0;
  double head_queries = 0.0;
};

capcam::bench::Shape wanted;  // by the child
int answer_to = -1;

Measured measure_in_child(const capcam::bench::Shape& shape) {
  int ends[2];
  Measured measured;
  if (pipe(ends) != 0) return measured;
  wanted = shape;
  answer_to = ends[1];
  const pid_t child = fork();
  if (child == 0) {
    char name[] = "capcam_bench";
    char* arguments[] = {name, nullptr};
    _exit(sc_core::sc_elab_and_sim(1, arguments));
  }
  close(ends[1]);
  if (read(ends[0], &measured, sizeof measured) != sizeof measured) measured = {};
  close(ends[0]);
  waitpid(child, nullptr, 0);
  return measured;
}

void systemc_engine(benchmark::State& state) {
  const auto keys = static_cast<std::uint64_t>(state.range(0));
  const auto dimension = static_cast<std::uint64_t>(state.range(1));
  const std::uint64_t queries = std::max<std::uint64_t>(1, (std::uint64_t{1} << 19) / keys);
  Measured total;
  for (auto _ : state) {
    const Measured one = measure_in_child({1, queries, keys, dimension});
    if (one.seconds == 0.0) return state.SkipWithError("the child process failed");
    state.SetIterationTime(one.seconds);
    total.seconds += one.seconds;
    total.cycles += one.cycles;
    total.head_queries += one.head_queries;
  }
  state.counters["simulated_cycles/s"] = total.cycles / total.seconds;
  state.counters["head_queries/s"] = total.head_queries / total.seconds;
  state.counters["us/head_query"] = 1e6 * total.seconds / total.head_queries;
}
BENCHMARK(systemc_engine)
    ->ArgNames({"n", "D"})
    ->ArgsProduct({{256, 1024, 4096, 16384, 131072}, {32, 64, 128}})
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace

int sc_main(int, char*[]) {
  const capcam::bench::Case problem(wanted);
  capcam::bench::Discard sink;
  const auto begin = std::chrono::steady_clock::now();
  const capcam::RunStats stats = simulate_systemc(problem.workload, problem.config, problem.mapping, sink);
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - begin;
  const Measured measured{time.count(), static_cast<double>(stats.cycles), static_cast<double>(sink.head_queries)};
  return write(answer_to, &measured, sizeof measured) == sizeof measured ? 0 : 1;
}

int main(int argc, char* argv[]) {
  setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
