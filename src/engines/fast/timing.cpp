// SPDX-License-Identifier: Apache-2.0
#include "engines/fast/timing.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <queue>
#include <utility>

#include "capcam/error.h"
#include "engines/fast/automaton.h"

namespace capcam::fast {
namespace {

// The cut at the end of the run: a core's last value rows, which nobody waits for, may come after its last completion.
struct Tail {
  Cycle from = 0;
  Cycle until = 0;
};

// One core and where its results go.
class CoreRun {
 public:
  CoreRun(const Workload& workload, const Machine& machine, ProfileTable& profiles, Channel& channel,
          const DataSource* data, const TimingOptions& options, std::uint32_t number, Timing& timing)
      : machine_(machine),
        profiles_(profiles),
        number_(number),
        schedule_(workload, machine, profiles, number),
        core_(machine, schedule_, channel, data, options.dram_log, number),
        options_(options),
        timing_(timing) {
    core_.start();
  }

  Core& core() { return core_; }

  // One cycle in which something happens.
  void advance() {
    if (core_.next_time() == never) throw LawBroken(fmt::format("fast engine: core {} makes no progress", number_));
    core_.process();
    if (core_.group_waits()) core_.begin_group();
    if (core_.record().completed.size() >= record_limit) take_record();
  }

  void run() {
    while (!core_.finished()) advance();
    take_record();
  }

  void run_with(Automaton& automaton);

  Tail finish() {
    core_.settle_accounts();
    take_record();
    return {core_.now(), core_.values_until()};
  }

 private:
  static constexpr std::size_t record_limit = 4096;
  static constexpr std::uint64_t trial = 2048;  // transitions after which reuse must have paid

  void take_record() {
    core_.record().tally.add_to(timing_.tally, 1);
    write_times(core_.record(), 0, 0, 0);
    core_.record() = {};
  }
  void write_times(const Record& record, Cycle now, std::uint64_t first_query, std::uint64_t group) {
    if (options_.stop_requested()) throw Interrupted();
    for (const auto& [query, cycle] : record.completed) {
      const std::uint64_t number = query + first_query;
      const Cycle time = cycle + now;
      timing_.completed[std::size_t{schedule_.head_of_query(number)} * machine_.queries +
                        schedule_.query_of_head(number)] = time;
      timing_.cycles = std::max(timing_.cycles, time);
    }
    for (const auto& [entered, cycle] : record.entered) {
      const std::uint64_t number = entered + group;
      if (schedule_.first_of_head(number)) timing_.first_entry[schedule_.head_of_group(number)] = cycle + now;
    }
  }
  bool until_group_waits() {
    while (!core_.group_waits()) {
      if (core_.finished()) return false;
      if (core_.next_time() == never) throw LawBroken(fmt::format("fast engine: core {} makes no progress", number_));
      core_.process();
    }
    core_.settle_accounts();
    return true;
  }
  // The kinds of the groups after this one up to one that is not empty; false if there is none.
  bool find_following(std::uint64_t group) {
    following_.clear();
    while (++group != schedule_.groups()) {
      const GroupPlan plan = schedule_.plan(group);
      following_.push_back(plan.kind());
      if (plan.profile->tiles != 0) return true;
    }
    return false;
  }

  const Machine& machine_;
  ProfileTable& profiles_;
  std::uint32_t number_;
  Schedule schedule_;
  Core core_;
  const TimingOptions& options_;
  Timing& timing_;
  std::vector<std::uint64_t> following_;
};

void CoreRun::run_with(Automaton& automaton) {
  if (!until_group_waits()) return take_record();
  take_record();
  bool live = true;  // the core is in the state
  std::uint64_t group = core_.last_group();
  Cycle now = core_.now();
  std::uint64_t generation = profiles_.generation();
  std::uint32_t state = automaton.find_or_add(core_.save());
  for (std::uint64_t hits = 0, misses = 0;;) {
    const bool more = find_following(group);
    if (generation != profiles_.generation() || automaton.large()) {  // start afresh to keep memory bounded
      if (!live) core_.restore(automaton.saved(state), now, group);
      live = true;
      automaton.settle(timing_.tally);
      automaton.clear();
      generation = profiles_.generation();
      state = automaton.find_or_add(core_.save());
    }
    if (!more || (misses >= trial && misses > hits)) {
      if (!live) core_.restore(automaton.saved(state), now, group);
      core_.begin_group();
      return run();
    }
    const std::uint64_t first_query = schedule_.first_query(group);
    Transition* known = automaton.find(state, following_);
    if (known != nullptr) {
      ++hits;
      live = false;
    } else {
      ++misses;
      if (!live) core_.restore(automaton.saved(state), now, group);
      live = true;
      core_.begin_group();
      if (!until_group_waits()) throw LawBroken("fast engine: a group with searches to do did not enter");
      Transition transition;
      transition.following = following_;
      transition.record = std::exchange(core_.record(), {});
      for (auto& [query, cycle] : transition.record.completed) query -= first_query, cycle -= now;
      for (auto& [entered, cycle] : transition.record.entered) entered -= group, cycle -= now;
      transition.cycles = core_.now() - now;
      transition.next = automaton.find_or_add(core_.save());
      known = &automaton.add(state, std::move(transition));
    }
    ++known->uses;
    write_times(known->record, now, first_query, group);
    now += known->cycles;
    group += following_.size();
    state = known->next;
  }
}

Timing empty_timing(const Workload& workload, const Machine& machine) {
  Timing timing;
  timing.completed.resize(std::size_t{workload.head_count()} * machine.queries);
  timing.first_entry.resize(workload.head_count());
  return timing;
}

void add_tails(const std::vector<Tail>& tails, Timing& timing) {
  for (const Tail& tail : tails) {
    timing.tally.busy[prefetch] += std::max<Cycle>(0, std::min(tail.until, timing.cycles) - tail.from);
  }
}

// Cores that never meet: one after another, sharing what was worked out.
Timing time_apart(const Workload& workload, const Machine& machine, const DataSource* data,
                  const TimingOptions& options, bool reuse) {
  Timing timing = empty_timing(workload, machine);
  ProfileTable profiles(machine);
  Automaton automaton;
  std::vector<Tail> tails;
  for (std::uint32_t number = 0; number != std::min(machine.cores, workload.head_count()); ++number) {
    Channel channel(machine.bandwidth_gb_s, machine.frequency_ghz, machine.latency_cycles);
    CoreRun run(workload, machine, profiles, channel, data, options, number, timing);
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

// Cores that share the bandwidth of the DRAM channel: in order of time, then of core.
Timing time_together(const Workload& workload, const Machine& machine, const DataSource* data,
                     const TimingOptions& options) {
  Timing timing = empty_timing(workload, machine);
  ProfileTable profiles(machine);
  Channel channel(machine.bandwidth_gb_s, machine.frequency_ghz, machine.latency_cycles);
  std::vector<std::unique_ptr<CoreRun>> runs;
  using Turn = std::pair<Cycle, std::uint32_t>;
  std::priority_queue<Turn, std::vector<Turn>, std::greater<>> turns;
  for (std::uint32_t number = 0; number != std::min(machine.cores, workload.head_count()); ++number) {
    runs.push_back(std::make_unique<CoreRun>(workload, machine, profiles, channel, data, options, number, timing));
    turns.emplace(runs.back()->core().next_time(), number);
  }
  while (!turns.empty()) {
    const std::uint32_t number = turns.top().second;
    turns.pop();
    CoreRun& run = *runs[number];
    run.advance();
    if (!run.core().finished()) turns.emplace(run.core().next_time(), number);
  }
  std::vector<Tail> tails;
  for (const auto& run : runs) tails.push_back(run->finish());
  add_tails(tails, timing);
  return timing;
}

Timing time_with(const Workload& workload, const Machine& machine, const DataSource* data,
                 const TimingOptions& options) {
  const bool unlimited = std::isinf(machine.bandwidth_gb_s);
  // Requests are logged in order of time.
  if ((!unlimited || options.dram_log != nullptr) && machine.cores > 1)
    return time_together(workload, machine, data, options);
  // What a limited channel carries for later groups is no part of a saved state.
  const bool reuse = options.reuse && data == nullptr && (unlimited || machine.keys_fit);
  return time_apart(workload, machine, data, options, reuse);
}

}  // namespace

Timing time_workload(const Workload& workload, const Machine& machine, const DataSource& data,
                     const TimingOptions& options) {
  if (!options.always_data && !machine.ramp && options.dram_log == nullptr) {
    try {
      return time_with(workload, machine, nullptr, options);
    } catch (const NeedsData&) {
    }
  }
  return time_with(workload, machine, &data, options);
}

}  // namespace capcam::fast
