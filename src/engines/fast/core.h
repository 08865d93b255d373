// One core, event by event: the general form of the time rules (docs/timing.md).
//
// Times of the arrays and of register writes are computed ahead as far as they are known (they are maxima and sums of
// earlier ones); what must happen in order of time (merges, hand-overs, value slots, DRAM requests) is an event. A
// core's events of one cycle are taken together by process(): first everything that costs no time, then at most one
// merge starts, and what follows from it; then value bursts are issued.
//
// The arrays start on a group only when begin_group() is called, at the end of the cycle in which it entered: there the
// state can be saved, and two equal states evolve alike (automaton.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <vector>

#include "engines/fast/channel.h"
#include "engines/fast/core_state.h"
#include "engines/fast/key_order.h"
#include "engines/fast/machine.h"
#include "engines/fast/schedule.h"
#include "engines/fast/tally.h"
#include "stats/dram_log.h"

namespace capcam::fast {

// Head and query as in the workload.
using DataSource = std::function<QueryData(std::uint32_t head, std::uint32_t query)>;

// Thrown by a core without a DataSource when times depend on which candidates are dropped.
struct NeedsData {};

class Core {
 public:
  Core(const Machine& machine, Schedule& schedule, Channel& channel, const DataSource* data, DramLog* log = nullptr,
       std::uint32_t number = 0);

  void start();
  bool finished() const { return state_.queries.begin() == schedule_.queries(); }
  Cycle next_time() const { return state_.events.empty() ? never : state_.events.front().time; }
  Cycle now() const { return now_; }
  // Everything of cycle next_time().
  void process();
  bool group_waits() const { return group_waits_; }
  void begin_group();

  Record& record() { return record_; }
  // Stage cycles that are still running are counted up to now.
  void settle_accounts();
  // The last value burst is complete.
  Cycle values_until() const { return state_.values_until; }
  std::uint64_t last_group() const { return state_.groups.end() - 1; }

  // Between process() and begin_group(), with a group waiting. Times are relative to now, numbers to the group's.
  SavedState save();
  // Goes on as if the saved state had been reached now, with this group waiting.
  void restore(const SavedState& saved, Cycle now, std::uint64_t group);

 private:
  // core_codec.cpp
  class Codec;
  void code(Codec& codec);
  void code_arrays(Codec& codec, std::uint64_t group);
  void code_query(Codec& codec, QueryState& q, std::uint64_t waiting_group, std::uint64_t first_query);
  void code_cells(Codec& codec, const QueryState& q);

  // core.cpp: order of work, drain, hand-over, normalization, contextualization
  void handle(const Event& event);
  void post(Cycle time, EventType type, std::uint64_t who = 0, std::uint32_t what = 0);
  void try_enter();
  void enter();
  void create_queries(GroupState& group);
  void drain_in_order();
  void hand_over_in_order();
  void handed_over(std::uint64_t number);
  void normalized();
  void pass_on();
  void try_contextualize();
  void complete(std::uint64_t number);
  void account_association();
  QueryState& query(std::uint64_t number) { return state_.queries[number]; }
  GroupState& group_of(const QueryState& q) { return state_.groups[q.group]; }
  bool last_of_group(const QueryState& q) { return q.lane + 1 == group_of(q).profile->lanes; }

  // core_association.cpp: arrays, register, merge unit
  void next_job(std::uint32_t array, std::uint64_t from);
  void step(std::uint32_t array);
  void open_job(std::uint32_t array);
  void search(std::uint32_t array);
  bool convert(std::uint32_t array);
  void deliver(const ArrayState& array, Cycle taken);
  void write_tiles(std::uint64_t number);
  void free_slot(std::uint32_t array, std::uint32_t slot, Cycle written);
  void settle_shown(ArrayState& array);
  void run_ready_arrays();
  bool start_merge();
  void merge_ended(std::uint64_t number, bool last, std::uint32_t dropped);
  void check_drained(std::uint64_t number);

  // core_memory.cpp: value rows, keys
  void request_values(std::uint64_t number, std::uint32_t rows);
  void drop_values(QueryState& q, std::uint32_t merge, std::uint32_t dropped);
  void issue_values();
  void forget_issued(QueryState& q) const;
  void account_values();
  bool values_known(const QueryState& q, Cycle& there) const;
  void number_fetches(GroupState& group);
  void request_fetches();
  void fetch_used(std::uint64_t fetch, Cycle programmed);
  void wake_arrays();
  void submit_keys();
  void load_keys(std::uint64_t group);
  void log_keys(const KeyRequest& request);
  void log_values(std::uint64_t number, std::uint32_t burst, std::uint64_t bytes);
  // With unlimited bandwidth nobody asks when a fetch is requested.
  bool fetches_at_once() const { return channel_.unlimited() && log_ == nullptr; }

  const Machine& machine_;
  Schedule& schedule_;
  Channel& channel_;
  const DataSource* data_;
  DramLog* const log_;  // of DRAM requests, or nullptr
  const std::uint32_t number_;

  KeyOrder key_order_;
  CoreState state_;
  Cycle now_ = 0;
  Record record_;
  bool group_waits_ = false;
  bool next_known_ = false;
  GroupPlan next_;                                  // of the group to enter next
  std::vector<MergeRequest> new_merges_;            // requested in this cycle
  std::vector<KeyRequest> key_requests_;            // of this cycle
  std::vector<std::uint32_t> ready_arrays_;         // a result that held the converters found a slot
  std::vector<std::uint32_t> arrays_without_keys_;  // whose next job's keys have no known time
  std::vector<CellState> spare_cells_;
  std::deque<KeyFetch> fetches_to_log_;  // whose request is posted
  bool values_changed_ = false;
};

}  // namespace capcam::fast
