// SPDX-License-Identifier: Apache-2.0
#include "engines/fast/timing/core_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "capcam/error.h"

namespace capcam::fast {
namespace {

constexpr std::size_t record_limit = 4096;
constexpr std::uint64_t trial = 2048;  // transitions after which reuse must have paid

}  // namespace

CoreRun::CoreRun(const Workload& workload, const TimingRules& rules, ProfileTable& profiles, DramChannel& dram,
                 const DataSource* data, const TimingOptions& options, std::uint32_t number, Timing& timing)
    : rules_(rules),
      profiles_(profiles),
      number_(number),
      schedule_(workload, rules, profiles, number),
      core_(rules, schedule_, dram, data, options.dram_log, number),
      options_(options),
      timing_(timing) {
  core_.start();
}

void CoreRun::process() {
  if (core_.next_time() == never) throw LawBroken(fmt::format("fast engine: core {} makes no progress", number_));
  core_.process();
}

void CoreRun::advance() {
  process();
  if (core_.group_waits()) core_.begin_group();
  if (core_.record().completed.size() >= record_limit) take_record();
}

void CoreRun::run() {
  while (!core_.finished()) advance();
  take_record();
}

Tail CoreRun::finish() {
  core_.settle_accounts();
  take_record();
  return {core_.now(), core_.values_until()};
}

// Returns false if the core finishes before another group waits.
bool CoreRun::until_group_waits() {
  while (!core_.group_waits()) {
    if (core_.finished()) return false;
    process();
  }
  core_.settle_accounts();
  return true;
}

// Finds the kinds of the groups after this one, up to one that is not empty. Returns false if there is none.
bool CoreRun::find_following(std::uint64_t group) {
  following_.clear();
  while (++group != schedule_.groups()) {
    const GroupKind kind = schedule_.kind(group);
    following_.push_back(kind.number);
    if (!kind.empty) return true;
  }
  return false;
}

// The core is in a state in which this group waits, and goes on until another does.
Transition CoreRun::work_out(Automaton& automaton, std::uint64_t group, Cycle now) {
  core_.begin_group();
  if (!until_group_waits()) throw LawBroken("fast engine: a group with searches to do did not enter");
  const std::uint64_t first_query = schedule_.first_query(group);
  Transition transition;
  transition.following = following_;
  transition.record = std::exchange(core_.record(), {});
  for (auto& [query, cycle] : transition.record.completed) query -= first_query, cycle -= now;
  for (auto& [entered, cycle] : transition.record.entered) entered -= group, cycle -= now;
  transition.cycles = core_.now() - now;
  transition.next = automaton.find_or_add(core_.save());
  return transition;
}

void CoreRun::run_with(Automaton& automaton) {
  if (!until_group_waits()) return take_record();
  take_record();
  bool live = true;  // the core is in the state
  std::uint64_t group = core_.last_group();
  Cycle now = core_.now();
  std::uint64_t generation = profiles_.generation();
  std::uint32_t state = automaton.find_or_add(core_.save());
  const auto make_live = [&] {
    if (!live) core_.restore(automaton.saved(state), now, group);
    live = true;
  };
  for (std::uint64_t hits = 0, misses = 0;;) {
    const bool more = find_following(group);
    if (generation != profiles_.generation() || automaton.large()) {  // begins afresh to keep memory bounded
      make_live();
      automaton.settle(timing_.tally);
      automaton.clear();
      generation = profiles_.generation();
      state = automaton.find_or_add(core_.save());
    }
    if (!more || (misses >= trial && misses > hits)) {
      make_live();
      core_.begin_group();
      return run();
    }
    Transition* known = automaton.find(state, following_);
    if (known != nullptr) {
      ++hits;
      live = false;
    } else {
      ++misses;
      make_live();
      known = &automaton.add(state, work_out(automaton, group, now));
    }
    ++known->uses;
    write_times(known->record, now, schedule_.first_query(group), group);
    now += known->cycles;
    group += following_.size();
    state = known->next;
  }
}

void CoreRun::take_record() {
  core_.record().tally.add_to(timing_.tally, 1);
  write_times(core_.record(), 0, 0, 0);
  core_.record() = {};
}

void CoreRun::write_times(const Record& record, Cycle now, std::uint64_t first_query, std::uint64_t group) {
  if (options_.stop_requested()) throw Interrupted();
  for (const auto& [query, cycle] : record.completed) {
    const std::uint64_t number = query + first_query;
    const Cycle time = cycle + now;
    const std::size_t head = schedule_.head_of_query(number);
    timing_.completed[head * rules_.queries + schedule_.query_of_head(number)] = time;
    timing_.cycles = std::max(timing_.cycles, time);
  }
  for (const auto& [entered, cycle] : record.entered) {
    const std::uint64_t number = entered + group;
    if (schedule_.first_of_head(number)) timing_.first_entry[schedule_.head_of_group(number)] = cycle + now;
  }
}

}  // namespace capcam::fast
