// The order of work of a core, and its stages after association.
// SPDX-License-Identifier: Apache-2.0
#include "engines/fast/core.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "capcam/error.h"

namespace capcam::fast {

Core::Core(const Machine& machine, Schedule& schedule, Channel& channel, const DataSource* data, DramLog* log,
           std::uint32_t number)
    : machine_(machine),
      schedule_(schedule),
      channel_(channel),
      data_(data),
      log_(log),
      number_(number),
      key_order_(schedule, machine) {
  state_.arrays.resize(machine.arrays);
  state_.lane_last.resize(machine.mapping.queries_per_program);
}

void Core::post(Cycle time, EventType type, std::uint64_t who, std::uint32_t what) {
  state_.events.push_back({time, type, who, what});
  std::push_heap(state_.events.begin(), state_.events.end(), std::greater<>());
}

void Core::start() {
  if (schedule_.groups() == 0) return;
  if (machine_.keys_modelled) post(0, EventType::load_keys);
  if (!machine_.keys_fit) request_fetches();
  try_enter();
}

void Core::process() {
  now_ = next_time();
  std::vector<Event>& events = state_.events;
  do {
    while (!events.empty() && events.front().time == now_) {
      std::pop_heap(events.begin(), events.end(), std::greater<>());
      const Event event = events.back();
      events.pop_back();
      handle(event);
    }
  } while (start_merge());
  // Requests of one cycle are served oldest query first, after all earlier ones.
  std::sort(new_merges_.begin(), new_merges_.end(),
            [](const MergeRequest& a, const MergeRequest& b) { return a.query < b.query; });
  state_.merges.insert(state_.merges.end(), new_merges_.begin(), new_merges_.end());
  new_merges_.clear();
  submit_keys();
  if (values_changed_) issue_values();
}

void Core::handle(const Event& event) {
  switch (event.type) {
    case EventType::enter:
      return enter();
    case EventType::load_keys:
      return load_keys(0);
    case EventType::fetch:
      key_requests_.push_back({event.what, false, event.who});
      return;
    case EventType::request_values: {
      const QueryState& q = query(event.who);
      return request_values(event.who, group_of(q).profile->candidates_of(event.what, q.lane));
    }
    case EventType::request_merge:
      ++query(event.who).shadow_merges;
      new_merges_.push_back({event.who, false});
      return;
    case EventType::drained:
      return check_drained(event.who);
    case EventType::merge_ended:
      return merge_ended(event.who, (event.what & 1) != 0, event.what / 2);
    case EventType::normalized:
      normalized();
      return hand_over_in_order();
    case EventType::values_there:
      return try_contextualize();
    case EventType::completed:
      complete(event.who);
      state_.contextualizing = state_.accumulating = false;
      if (state_.normalized_waits) pass_on();
      return hand_over_in_order();
  }
}

// The next group enters as soon as the one before it lets it and its keys are there.
void Core::try_enter() {
  const std::uint64_t group = state_.groups.end();
  if (state_.gate == never || state_.enter_posted || group == schedule_.groups()) return;
  if (state_.unhanded_groups > 1) return;  // at most two groups are in association
  if (!next_known_) {
    next_ = schedule_.plan(group);
    next_known_ = true;
  }
  if (next_.duties.awaits_output && !state_.groups.empty()) return;  // tried again when it completes
  Cycle entry = std::max(state_.gate, now_);
  if (next_.duties.awaits_keys) {
    if (state_.keys_there == never) return;
    entry = std::max(entry, state_.keys_there);
  }
  state_.enter_posted = true;
  post(entry, EventType::enter);
}

void Core::enter() {
  const std::uint64_t number = state_.groups.end();
  GroupState& group = state_.groups.push_back({});
  group.profile = next_.profile;
  group.duties = next_.duties;
  group.entry = group.searched = now_;
  group.first_query = schedule_.first_query(number);
  next_known_ = false;
  state_.enter_posted = false;
  state_.gate = never;
  if (group.duties.awaits_keys) state_.keys_there = never;
  if (group.duties.new_keys) {
    for (ArrayState& array : state_.arrays) array.programmed = 0;
  }
  if (group.duties.loads_on_entry) load_keys(schedule_.first_of_next_head(number));
  record_.entered.emplace_back(number, now_);
  account_association();
  ++state_.undrained_groups;
  ++state_.unhanded_groups;
  create_queries(group);
  if (group.profile->tiles != 0) {
    group_waits_ = true;
  } else if (machine_.overlap) {
    state_.gate = now_;
    try_enter();
  }
  drain_in_order();
}

void Core::create_queries(GroupState& group) {
  const GroupProfile& profile = *group.profile;
  for (std::uint32_t lane = 0; lane < profile.lanes; ++lane) {
    const std::uint64_t number = state_.queries.end();
    QueryState& q = state_.queries.push_back({});
    q.group = state_.groups.end() - 1;
    q.lane = lane;
    q.next_tile = profile.first_of_lane[lane];
    q.drained = q.empty = profile.empty(lane);
    ++record_.tally.counts.query_buffer_write;
    const std::uint64_t before = state_.lane_last[lane];
    if (before > state_.next_handed) {
      q.awaits_lane = true;
      query(before - 1).has_lane_next = true;
      query(before - 1).lane_next = number;
    }
    state_.lane_last[lane] = number + 1;
    if (data_ != nullptr && (machine_.prefetch_tiles || machine_.ramp || log_ != nullptr) && !q.empty) {
      QueryData data = (*data_)(schedule_.head_of_query(number), schedule_.query_of_head(number));
      q.drops = std::move(data.drops);
      q.conversions = std::move(data.conversions);
      q.keys = std::move(data.keys);
    }
  }
}

void Core::account_association() {
  const Cycle past = now_ - state_.association_accounted;
  if (state_.undrained_groups != 0) {
    record_.tally.busy[association] += past;
  } else if (state_.unhanded_groups != 0) {
    record_.tally.blocked[association] += past;
  }
  state_.association_accounted = now_;
}

void Core::check_drained(std::uint64_t number) {
  QueryState& q = query(number);
  if (q.shadow_merges != 0 || q.drained) return;
  q.drained = true;
  drain_in_order();
}

void Core::drain_in_order() {
  while (state_.next_drained != state_.queries.end() && query(state_.next_drained).drained) {
    const QueryState& q = query(state_.next_drained++);
    if (!last_of_group(q)) continue;
    account_association();
    --state_.undrained_groups;
    if (group_of(q).duties.loads_on_drain) load_keys(schedule_.first_of_next_head(q.group));
  }
  hand_over_in_order();
}

// The next query asks for its last merge when it has drained and normalization is free.
void Core::hand_over_in_order() {
  while (state_.next_handed != state_.next_drained && !state_.normalizing && !state_.hand_requested) {
    const std::uint64_t number = state_.next_handed;
    if (query(number).empty) {
      handed_over(number);
    } else {
      state_.hand_requested = true;
      new_merges_.push_back({number, true});
    }
  }
}

void Core::handed_over(std::uint64_t number) {
  const QueryState& q = query(number);
  const bool group_done = last_of_group(q);
  ++state_.next_handed;
  state_.hand_requested = false;
  state_.normalizing = true;
  state_.normalized_query = number;
  if (q.has_lane_next) {
    QueryState& next = query(q.lane_next);
    next.awaits_lane = false;
    next.last_write = std::max(next.last_write, now_);
    write_tiles(q.lane_next);
    run_ready_arrays();
  }
  if (group_done) {
    account_association();
    --state_.unhanded_groups;
    std::swap(spare_cells_, group_of(q).cells);
    if (!machine_.overlap) state_.gate = now_;
    try_enter();
  }
  if (q.empty) return normalized();
  ActionCounts& counts = record_.tally.counts;
  const std::uint32_t kept = q.occupied;
  const Cycle softmax_cycles = machine_.softmax_of(kept);
  record_.tally.busy[normalization] += machine_.merge_cycles + softmax_cycles;
  record_.tally.busy[softmax] += softmax_cycles;
  counts.exp_table_lookup += kept;
  counts.softmax_accumulator_add += kept;
  counts.softmax_divider_divide += kept;
  counts.output_buffer_write += 2 * std::uint64_t{kept};
  post(now_ + machine_.merge_cycles + softmax_cycles, EventType::normalized);
}

void Core::normalized() {
  state_.normalized_since = now_;
  if (state_.contextualizing) {
    state_.normalized_waits = true;
  } else {
    pass_on();
  }
}

// Normalization hands its query over to contextualization.
void Core::pass_on() {
  const Cycle waited = now_ - state_.normalized_since;
  record_.tally.blocked[normalization] += waited;
  record_.tally.blocked[softmax] += waited;
  state_.normalized_waits = false;
  state_.normalizing = false;
  if (query(state_.normalized_query).empty) return complete(state_.normalized_query);
  state_.contextualizing = true;
  state_.values_posted = false;
  state_.contextualized_query = state_.normalized_query;
  try_contextualize();
}

void Core::try_contextualize() {
  if (!state_.contextualizing || state_.accumulating) return;
  const QueryState& q = query(state_.contextualized_query);
  Cycle there = 0;
  if (machine_.prefetch && !values_known(q, there)) return;  // tried again when its bursts are issued
  if (there > now_) {
    if (!state_.values_posted) post(there, EventType::values_there);
    state_.values_posted = true;
    return;
  }
  state_.accumulating = true;
  const Cycle cycles = machine_.accumulate_of(q.occupied);
  ActionCounts& counts = record_.tally.counts;
  record_.tally.busy[contextualization] += cycles;
  counts.output_buffer_read += q.occupied;
  counts.value_mac_mac += std::uint64_t{q.occupied} * machine_.value_dim;
  counts.value_sram_read += machine_.issues_of(q.occupied);
  post(now_ + cycles, EventType::completed, state_.contextualized_query);
}

void Core::complete(std::uint64_t number) {
  if (number != state_.queries.begin()) throw LawBroken("fast engine: queries of a core completed out of order");
  const QueryState& q = query(number);
  record_.completed.emplace_back(number, now_);
  if (q.held != 0) {
    account_values();
    state_.held -= q.held;
  }
  values_changed_ = true;
  const bool group_done = last_of_group(q);
  state_.queries.pop_front();
  if (group_done) state_.groups.pop_front();
  if (machine_.mapping.decode != Decode::off) try_enter();
}

void Core::settle_accounts() {
  account_association();
  account_values();
  if (!state_.normalized_waits) return;
  const Cycle waited = now_ - state_.normalized_since;
  record_.tally.blocked[normalization] += waited;
  record_.tally.blocked[softmax] += waited;
  state_.normalized_since = now_;
}

}  // namespace capcam::fast
