// SPDX-License-Identifier: Apache-2.0
#include "engines/fast/engine.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "capcam/error.h"
#include "core/parallel.h"
#include "engines/fast/results/data_finder.h"
#include "engines/fast/results/head_queue.h"
#include "engines/fast/results/matching_cells.h"
#include "engines/fast/timing/run_stats.h"
#include "engines/fast/timing/timing.h"

namespace capcam {
namespace {

struct TimedRun {
  fast::Timing timing;
  RunStats stats;
};

TimedRun time_run(const Workload& workload, const Config& config, const Mapping& mapping,
                  const std::function<bool()>& stop_requested, DramLog* dram_log) {
  fast::TimingRules rules(workload.trace().shape, config, mapping, workload.valid_keys(workload.id(0)));
  rules.logs_keys = dram_log != nullptr;
  fast::DataFinder find_data(workload, config, rules, dram_log != nullptr);
  fast::TimingOptions options;
  options.stop_requested = stop_requested;
  options.dram_log = dram_log;
  TimedRun run;
  run.timing = fast::time_workload(workload, rules, std::ref(find_data), options);
  run.stats = fast::run_stats(workload, config, rules, run.timing);
  return run;
}

}  // namespace

// The timing counted every searched cell as one that does not match.
static void add_cells(const fast::CellCounts& cells, ActionCounts& counts) {
  counts.cam_array_match += cells.matches;
  counts.cam_array_mismatch -= cells.matches;
  counts.cam_array_pair += cells.pairs;
}

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
  add_cells(queue.cells(), run.stats.counts);
  return std::move(run.stats);
}

RunStats time_fast(const Workload& workload, const Config& config, const Mapping& mapping,
                   const std::function<bool()>& stop_requested, DramLog* dram_log, unsigned threads) {
  struct OfHead {
    fast::CellCounts cells;
    std::uint64_t empty_queries = 0;
  };
  const std::uint32_t heads = workload.head_count();
  const auto keys = static_cast<std::uint32_t>(workload.trace().shape.keys);
  const auto queries = static_cast<std::uint32_t>(workload.trace().shape.queries);
  std::vector<OfHead> found(heads);
  RunStats stats;
  std::mutex mutex;  // one thread at a time asks whether to stop
  const auto stop = [&] {
    const std::lock_guard lock(mutex);
    return stop_requested();
  };
  // The times come first, because no other piece of work is as long.
  for_each_index(heads + 1, threads, stop, [&](std::uint32_t index) {
    if (index == 0) {
      stats = time_run(workload, config, mapping, stop, dram_log).stats;
      return;
    }
    const std::shared_ptr<const Head> bits = workload.head_bits(index - 1);
    const fast::MatchingCells matching_cells(bits->key_bits, mapping, config.sensing.circuit.cell_circuit);
    OfHead& of_head = found[index - 1];
    for (std::uint32_t query = 0; query < queries; ++query)
      of_head.empty_queries += bits->valid(query).any(0, keys) ? 0 : 1;
    of_head.cells = matching_cells(bits->query_bits, 0, queries, bits->valid);
  });
  for (std::uint32_t head = 0; head < heads; ++head) {
    stats.heads[head].empty_queries = found[head].empty_queries;
    add_cells(found[head].cells, stats.counts);
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
  explicit FastEngine(unsigned threads) : threads_(threads) {}
  std::string_view name() const override { return "fast"; }
  RunStats run(const EngineTask& task) const override {
    if (task.results_wanted)
      return simulate_fast(task.workload, task.config, task.mapping, task.results, threads_, task.dram_log);
    return time_fast(
        task.workload, task.config, task.mapping, [&task] { return task.results.stop_requested(); }, task.dram_log,
        threads_);
  }
  void compute(const EngineTask& task) const override {
    compute_fast(task.workload, task.config, task.mapping, task.results, threads_);
  }
  std::optional<unsigned> compute_threads() const override { return threads_; }

 private:
  unsigned threads_;
};

}  // namespace

std::unique_ptr<Engine> fast_engine(std::optional<unsigned> threads) {
  if (threads == 0u) throw InputError("the fast engine needs at least 1 thread, got 0");
  return std::make_unique<FastEngine>(threads.value_or(std::max(1u, std::thread::hardware_concurrency())));
}

}  // namespace capcam
