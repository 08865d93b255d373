// SPDX-License-Identifier: Apache-2.0
#include "engines/fast/timing/run_stats.h"

#include <algorithm>

#include "machine/stages.h"

namespace capcam::fast {
namespace {

std::vector<StageCycles> stage_cycles(const Config& config, const Timing& timing) {
  std::vector<StageCycles> stages = stages_of(config);
  for (const StageEntry& entry : stage_list) {
    StageCycles& cycles = stages[index_of(entry.stage)];
    cycles.busy = static_cast<std::uint64_t>(timing.tally.busy[entry.stage]);
    cycles.blocked = static_cast<std::uint64_t>(timing.tally.blocked[entry.stage]);
    if (entry.stage == Stage::tile_selection) cycles.blocked -= cycles.busy;  // it is told as time on show
    cycles.starved = static_cast<std::uint64_t>(timing.cycles) * cycles.units - cycles.busy - cycles.blocked;
  }
  return stages;
}

// Cycles between completions: over all cores, the time from first to last by the number of steps.
double steady_interval(const TimingRules& rules, const Timing& timing, std::uint32_t heads) {
  std::uint64_t span = 0;
  std::uint64_t steps = 0;
  for (std::uint32_t core = 0; core < std::min(rules.cores, heads); ++core) {
    const std::uint32_t last_head = core + (heads - 1 - core) / rules.cores * rules.cores;
    const std::uint64_t completions = (std::uint64_t{last_head} / rules.cores + 1) * rules.queries;
    // Queries of a core complete in order.
    const Cycle first = timing.completed[std::size_t{core} * rules.queries];
    const Cycle last = timing.completed[std::size_t{last_head} * rules.queries + rules.queries - 1];
    span += static_cast<std::uint64_t>(last - first);
    steps += completions - 1;
  }
  return steps == 0 ? static_cast<double>(timing.cycles) : static_cast<double>(span) / static_cast<double>(steps);
}

}  // namespace

RunStats run_stats(const Workload& workload, const Config& config, const TimingRules& rules, const Timing& timing) {
  RunStats stats;
  stats.cycles = static_cast<std::uint64_t>(timing.cycles);
  stats.first_query_latency = static_cast<std::uint64_t>(timing.completed.front());
  stats.steady_interval_cycles = steady_interval(rules, timing, workload.head_count());
  stats.head_queries = std::uint64_t{workload.head_count()} * rules.queries;
  stats.stages = stage_cycles(config, timing);
  stats.counts = timing.tally.counts;
  for (std::uint32_t head = 0; head < workload.head_count(); ++head) {
    HeadStats& of_head = stats.heads.emplace_back();
    of_head.core = head % rules.cores;
    of_head.first_cycle = static_cast<std::uint64_t>(timing.first_entry[head]);
    of_head.last_cycle =
        static_cast<std::uint64_t>(timing.completed[std::size_t{head} * rules.queries + rules.queries - 1]);
  }
  return stats;
}

}  // namespace capcam::fast
