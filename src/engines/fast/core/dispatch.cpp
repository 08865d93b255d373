// SPDX-License-Identifier: Apache-2.0
#include "engines/fast/core/dispatch.h"

#include <algorithm>
#include <utility>

#include "engines/fast/core/state_codec.h"

namespace capcam::fast {

Dispatch::Dispatch(CoreContext& core, KeyStream& key_stream) : core_(core), key_stream_(key_stream) {
  state_.gate = 0;
  state_.lane_last.resize(core.rules.mapping.queries_per_program);
}

void Dispatch::open_gate(Cycle from) {
  state_.gate = from;
  try_enter();
}

void Dispatch::try_enter() {
  const std::uint64_t group = core_.groups.end();
  if (state_.gate == never || state_.enter_posted || group == core_.schedule.groups()) return;
  if (state_.unhanded_groups > 1) return;  // at most two groups are in association
  if (!state_.next) state_.next = core_.schedule.plan(group);
  const GroupDuties& duties = state_.next->duties;
  if (duties.awaits_output && !core_.groups.empty()) return;  // the completion tries again
  Cycle entry = std::max(state_.gate, core_.now);
  if (duties.awaits_keys) {
    if (key_stream_.head_there() == never) return;
    entry = std::max(entry, key_stream_.head_there());
  }
  state_.enter_posted = true;
  core_.events.post(entry, EventType::enter);
}

const GroupState& Dispatch::enter(std::uint64_t next_handed) {
  const std::uint64_t number = core_.groups.end();
  GroupState& group = core_.groups.push_back({});
  group.profile = std::move(state_.next->profile);
  group.duties = state_.next->duties;
  group.entry = group.searched = core_.now;
  group.first_query = core_.schedule.first_query(number);
  state_.next.reset();
  state_.enter_posted = false;
  state_.gate = never;
  if (group.duties.awaits_keys) key_stream_.head_entered();
  if (group.duties.loads_on_entry) key_stream_.load_head(core_.schedule.first_of_next_head(number));
  if (group.duties.new_keys) count_loads(number);
  core_.record.entered.emplace_back(number, core_.now);
  account();
  ++state_.undrained_groups;
  ++state_.unhanded_groups;
  create_queries(group, next_handed);
  if (group.profile->tiles == 0 && core_.rules.overlap) open_gate(core_.now);
  return group;
}

// Counts what is loaded for the head of this group, whenever it is; a hidden load stands in the log here.
void Dispatch::count_loads(std::uint64_t group) {
  const TimingRules& rules = core_.rules;
  ActionCounts& counts = core_.counts();
  DramRequest what;
  what.cycle = static_cast<std::uint64_t>(core_.now);
  what.core = core_.number;
  what.head = core_.schedule.head_of_group(group);
  if (rules.keys_fit) {
    counts.key_sram_write += rules.head_key_words;
    counts.dram_key_bytes += rules.head_key_bytes;
    what.what = DramRequest::What::head_keys;
    what.bytes = rules.head_key_bytes;
    if (core_.log != nullptr && !rules.keys_modelled) core_.log->request(what);
  }
  if (rules.head_value_rows == 0) return;
  counts.dram_access += rules.head_value_rows;
  counts.value_sram_write += rules.head_value_rows;
  counts.value_sram_write_byte += rules.head_value_bytes();
  counts.dram_value_bytes += rules.head_value_bytes();
  what.what = DramRequest::What::head_values;
  what.bytes = rules.head_value_bytes();
  if (core_.log != nullptr && !rules.values_modelled) core_.log->request(what);
}

void Dispatch::create_queries(const GroupState& group, std::uint64_t next_handed) {
  const GroupProfile& profile = *group.profile;
  const bool asks_data = core_.data != nullptr && (core_.rules.prefetch_tiles ||
                                                   core_.rules.conversions.depend_on_codes() || core_.log != nullptr);
  for (std::uint32_t lane = 0; lane < profile.lanes; ++lane) {
    const std::uint64_t number = core_.queries.end();
    QueryState& query = core_.queries.push_back({});
    query.group = core_.groups.end() - 1;
    query.lane = lane;
    query.candidates.next_tile = profile.first_of_lane[lane];
    query.drained = query.empty = profile.empty(lane);
    ++core_.counts().query_buffer_write;
    const std::uint64_t before = std::exchange(state_.lane_last[lane], number + 1);
    if (before > next_handed) {
      query.candidates.awaits_lane = true;
      core_.queries[before - 1].candidates.lane_next = number;
    }
    if (asks_data && !query.empty)
      query.data = (*core_.data)(core_.schedule.head_of_query(number), core_.schedule.query_of_head(number));
  }
}

void Dispatch::drain_in_order() {
  while (state_.next_drained != core_.queries.end() && core_.queries[state_.next_drained].drained) {
    const QueryState& query = core_.queries[state_.next_drained++];
    if (!core_.last_of_group(query)) continue;
    account();
    --state_.undrained_groups;
    if (core_.group_of(query).duties.loads_on_drain)
      key_stream_.load_head(core_.schedule.first_of_next_head(query.group));
  }
}

void Dispatch::group_handed_over() {
  account();
  --state_.unhanded_groups;
  if (!core_.rules.overlap) state_.gate = core_.now;
  try_enter();
}

void Dispatch::account() {
  const Cycle past = core_.now - state_.accounted;
  if (state_.undrained_groups != 0) {
    core_.tally().busy[Stage::association] += past;
  } else if (state_.unhanded_groups != 0) {
    core_.tally().blocked[Stage::association] += past;
  }
  state_.accounted = core_.now;
}

void Dispatch::forget_past(std::uint64_t next_handed) {
  for (std::uint64_t& last : state_.lane_last) last = std::max(last, next_handed);  // nobody waits for one before it
}

void Dispatch::describe(StateCodec& v) { v.state(state_); }

}  // namespace capcam::fast
