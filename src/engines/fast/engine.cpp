// SPDX-License-Identifier: Apache-2.0
#include "engines/fast/engine.h"

#include <algorithm>
#include <array>
#include <functional>
#include <thread>

#include "capcam/error.h"
#include "engines/fast/head_queue.h"
#include "engines/fast/machine.h"
#include "engines/fast/matching_cells.h"
#include "engines/fast/query_data.h"
#include "engines/fast/timing.h"

namespace capcam {
namespace {

using fast::Cycle;
using fast::Machine;
using fast::Timing;

struct StageName {
  const char* name;
  bool per_array;
};
constexpr std::array<StageName, fast::stage_count> stage_names = {{{"association", false},
                                                                   {"normalization", false},
                                                                   {"contextualization", false},
                                                                   {"key_programming", true},
                                                                   {"cam_array", true},
                                                                   {"sensing", true},
                                                                   {"tile_selection", true},
                                                                   {"merge", false},
                                                                   {"softmax", false},
                                                                   {"prefetch", false}}};

std::vector<StageCycles> stage_cycles(const Machine& machine, const Timing& timing) {
  std::vector<StageCycles> stages;
  for (std::uint32_t stage = 0; stage < fast::stage_count; ++stage) {
    StageCycles& cycles = stages.emplace_back();
    cycles.name = stage_names[stage].name;
    cycles.units = machine.cores * (stage_names[stage].per_array ? machine.arrays : 1);
    cycles.busy = static_cast<std::uint64_t>(timing.tally.busy[stage]);
    cycles.blocked = static_cast<std::uint64_t>(timing.tally.blocked[stage]);
    if (stage == fast::tile_selection) cycles.blocked -= cycles.busy;  // told as time on show, work included
    cycles.starved = static_cast<std::uint64_t>(timing.cycles) * cycles.units - cycles.busy - cycles.blocked;
  }
  return stages;
}

// Cycles between completions: over all cores, first to last by the number of steps.
double steady_interval(const Machine& machine, const Timing& timing, std::uint32_t heads) {
  std::uint64_t span = 0;
  std::uint64_t steps = 0;
  for (std::uint32_t core = 0; core < std::min(machine.cores, heads); ++core) {
    const std::uint32_t last_head = core + (heads - 1 - core) / machine.cores * machine.cores;
    const std::uint64_t completions = (std::uint64_t{last_head} / machine.cores + 1) * machine.queries;
    // Queries of a core complete in order.
    const Cycle first = timing.completed[std::size_t{core} * machine.queries];
    const Cycle last = timing.completed[std::size_t{last_head} * machine.queries + machine.queries - 1];
    span += static_cast<std::uint64_t>(last - first);
    steps += completions - 1;
  }
  return steps == 0 ? static_cast<double>(timing.cycles) : static_cast<double>(span) / static_cast<double>(steps);
}

RunStats run_stats(const Workload& workload, const Machine& machine, const Timing& timing) {
  RunStats stats;
  stats.cycles = static_cast<std::uint64_t>(timing.cycles);
  stats.first_query_latency = static_cast<std::uint64_t>(timing.completed.front());
  stats.steady_interval_cycles = steady_interval(machine, timing, workload.head_count());
  stats.head_queries = std::uint64_t{workload.head_count()} * machine.queries;
  stats.stages = stage_cycles(machine, timing);
  stats.counts = timing.tally.counts;
  for (std::uint32_t head = 0; head < workload.head_count(); ++head) {
    HeadStats& of_head = stats.heads.emplace_back();
    of_head.core = head % machine.cores;
    of_head.first_cycle = static_cast<std::uint64_t>(timing.first_entry[head]);
    of_head.last_cycle =
        static_cast<std::uint64_t>(timing.completed[std::size_t{head} * machine.queries + machine.queries - 1]);
  }
  return stats;
}

}  // namespace

namespace {

struct TimedRun {
  Timing timing;
  RunStats stats;
};

TimedRun time_run(const Workload& workload, const Config& config, const Mapping& mapping,
                  const std::function<bool()>& stop_requested, DramLog* dram_log) {
  Machine machine(workload.trace().shape, config, mapping, workload.valid_keys(workload.id(0)));
  machine.logs_keys = dram_log != nullptr;
  fast::DataFinder find_data(workload, config, machine, dram_log != nullptr);
  fast::TimingOptions options;
  options.stop_requested = stop_requested;
  options.dram_log = dram_log;
  TimedRun run;
  run.timing = fast::time_workload(workload, machine, std::ref(find_data), options);
  run.stats = run_stats(workload, machine, run.timing);
  return run;
}

}  // namespace

RunStats simulate_fast(const Workload& workload, const Config& config, const Mapping& mapping, ResultSink& sink,
                       unsigned threads, DramLog* dram_log) {
  TimedRun run;
  fast::HeadQueue queue(workload, config, mapping, sink);
  queue.run(threads, [&] {
    run = time_run(
        workload, config, mapping, [&sink] { return sink.stop_requested(); }, dram_log);
  });
  const auto queries = static_cast<std::uint32_t>(workload.trace().shape.queries);
  for (std::uint32_t head = 0; head < workload.head_count(); ++head) {
    run.stats.heads[head].empty_queries = queue.empty_queries(head);
    for (std::uint32_t query = 0; query < queries; ++query)
      sink.completed(head, query,
                     static_cast<std::uint64_t>(run.timing.completed[std::size_t{head} * queries + query]));
  }
  run.stats.counts.cam_array_match = queue.matching_cells();
  return std::move(run.stats);
}

RunStats time_fast(const Workload& workload, const Config& config, const Mapping& mapping,
                   const std::function<bool()>& stop_requested, DramLog* dram_log) {
  RunStats stats = time_run(workload, config, mapping, stop_requested, dram_log).stats;
  const auto keys = static_cast<std::uint32_t>(workload.trace().shape.keys);
  const auto queries = static_cast<std::uint32_t>(workload.trace().shape.queries);
  for (std::uint32_t head = 0; head < workload.head_count(); ++head) {
    if (stop_requested()) throw Interrupted();
    const std::shared_ptr<const Head> bits = workload.head_bits(head);
    const fast::MatchingCells matching_cells(bits->key_bits, mapping);
    for (std::uint32_t query = 0; query < queries; ++query) {
      if (!bits->valid(query).any(0, keys)) ++stats.heads[head].empty_queries;
      stats.counts.cam_array_match += matching_cells(bits->query_bits, query, bits->valid);
    }
  }
  return stats;
}

void compute_fast(const Workload& workload, const Config& config, const Mapping& mapping, ResultSink& sink,
                  unsigned threads) {
  fast::HeadQueue(workload, config, mapping, sink).run(threads);
}

namespace {

class FastEngine final : public Engine {
 public:
  explicit FastEngine(unsigned threads)
      : threads_(threads > 0 ? threads : std::max(1u, std::thread::hardware_concurrency())) {}
  std::string_view name() const override { return "fast"; }
  RunStats run(const EngineTask& task) const override {
    if (task.results_wanted)
      return simulate_fast(task.workload, task.config, task.mapping, task.results, threads_, task.dram_log);
    return time_fast(
        task.workload, task.config, task.mapping, [&task] { return task.results.stop_requested(); }, task.dram_log);
  }
  void compute(const EngineTask& task) const override {
    compute_fast(task.workload, task.config, task.mapping, task.results, threads_);
  }
  unsigned compute_threads() const override { return threads_; }

 private:
  unsigned threads_;
};

}  // namespace

std::unique_ptr<Engine> fast_engine(unsigned threads) { return std::make_unique<FastEngine>(threads); }

}  // namespace capcam
