// SPDX-License-Identifier: Apache-2.0
#include "engines/fast/timing/timing.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <queue>
#include <utility>

#include "engines/fast/timing/automaton.h"
#include "engines/fast/timing/core_run.h"

namespace capcam::fast {
namespace {

Timing empty_timing(const Workload& workload, const TimingRules& rules) {
  Timing timing;
  timing.completed.resize(std::size_t{workload.head_count()} * rules.queries);
  timing.first_entry.resize(workload.head_count());
  return timing;
}

// Everything is cut off at the end of the run.
void add_tails(const std::vector<Tail>& tails, Timing& timing) {
  for (const Tail& tail : tails) {
    timing.tally.busy[Stage::prefetch] += std::max<Cycle>(0, std::min(tail.until, timing.cycles) - tail.from);
  }
}

// Times cores that never meet, one after another. They share what was worked out.
Timing time_apart(const Workload& workload, const TimingRules& rules, const DataSource* data,
                  const TimingOptions& options, bool reuse) {
  Timing timing = empty_timing(workload, rules);
  ProfileTable profiles(rules);
  Automaton automaton;
  std::vector<Tail> tails;
  for (std::uint32_t number = 0; number != std::min(rules.cores, workload.head_count()); ++number) {
    DramChannel dram(rules.dram);
    CoreRun run(workload, rules, profiles, dram, data, options, number, timing);
    if (reuse) {
      run.run_with(automaton);
    } else {
      run.run();
    }
    tails.push_back(run.finish());
  }
  automaton.settle(timing.tally);
  add_tails(tails, timing);
  return timing;
}

// Times cores that share the DRAM channel, in order of time, then of core.
Timing time_together(const Workload& workload, const TimingRules& rules, const DataSource* data,
                     const TimingOptions& options) {
  Timing timing = empty_timing(workload, rules);
  ProfileTable profiles(rules);
  DramChannel dram(rules.dram);
  std::vector<std::unique_ptr<CoreRun>> runs;
  using Turn = std::pair<Cycle, std::uint32_t>;
  std::priority_queue<Turn, std::vector<Turn>, std::greater<>> turns;
  for (std::uint32_t number = 0; number != std::min(rules.cores, workload.head_count()); ++number) {
    runs.push_back(std::make_unique<CoreRun>(workload, rules, profiles, dram, data, options, number, timing));
    turns.emplace(runs.back()->next_time(), number);
  }
  while (!turns.empty()) {
    const std::uint32_t number = turns.top().second;
    turns.pop();
    CoreRun& run = *runs[number];
    run.advance();
    if (!run.finished()) turns.emplace(run.next_time(), number);
  }
  std::vector<Tail> tails;
  for (const auto& run : runs) tails.push_back(run->finish());
  add_tails(tails, timing);
  return timing;
}

Timing time_with(const Workload& workload, const TimingRules& rules, const DataSource* data,
                 const TimingOptions& options) {
  const bool unlimited = rules.dram.unlimited();
  // Requests are logged in order of time.
  if ((!unlimited || options.dram_log != nullptr) && rules.cores > 1)
    return time_together(workload, rules, data, options);
  // A saved state does not hold what a limited channel carries for later groups.
  const bool reuse = options.reuse && data == nullptr && (unlimited || rules.keys_fit);
  return time_apart(workload, rules, data, options, reuse);
}

}  // namespace

Timing time_workload(const Workload& workload, const TimingRules& rules, const DataSource& data,
                     const TimingOptions& options) {
  if (!options.always_data && !rules.conversions.depend_on_codes() && options.dram_log == nullptr) {
    try {
      return time_with(workload, rules, nullptr, options);
    } catch (const NeedsData&) {
    }
  }
  return time_with(workload, rules, &data, options);
}

}  // namespace capcam::fast
