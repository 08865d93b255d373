// SPDX-License-Identifier: Apache-2.0
#include "engines/fast/core/core.h"

#include "capcam/error.h"

namespace capcam::fast {

void Core::start() {
  if (context_.schedule.groups() == 0) return;
  key_stream_.start();
  value_load_.start();
  dispatch_.try_enter();
}

void Core::process() {
  context_.now = next_time();
  do {
    while (next_time() == context_.now) handle(context_.events.pop());
  } while (start_merge());
  merge_.end_cycle();
  if (key_stream_.submit()) {
    dispatch_.try_enter();
    arrays_.keys_come();
    arrays_.go_on();
  }
  if (prefetch_.changed() && prefetch_.issue()) contextualization_.try_start();
  if (value_load_.submit()) contextualization_.try_start();
}

void Core::handle(const Event& event) {
  switch (event.type) {
    case EventType::enter:
      return enter();
    case EventType::load_keys:
      return key_stream_.load_head(0);
    case EventType::fetch:
      return key_stream_.request(event.who, event.what);
    case EventType::request_values: {
      const QueryState& query = context_.queries[event.who];
      return prefetch_.request(event.who, context_.group_of(query).profile->candidates_of(event.what, query.lane));
    }
    case EventType::request_merge:
      ++context_.queries[event.who].shadow_merges;
      return merge_.request({event.who, false});
    case EventType::drained:
      return check_drained(event.who);
    case EventType::merge_ended:
      return merge_ended(event.who, (event.what & 1) != 0, event.what / 2);
    case EventType::normalized:
      normalized();
      return hand_over_in_order();
    case EventType::values_there:
      return contextualization_.try_start();
    case EventType::completed:
      complete(event.who);
      contextualization_.end();
      pass_on();
      return hand_over_in_order();
  }
}

void Core::enter() {
  const GroupState& group = dispatch_.enter(softmax_.next_handed());
  if (group.duties.new_keys && context_.rules.mapping.resident) arrays_.forget_keys();
  if (group.duties.values_follow) value_load_.want(context_.schedule.first_of_next_head(last_group()));
  if (group.profile->tiles != 0) group_waits_ = true;
  drain();
}

void Core::begin_group() {
  group_waits_ = false;
  tile_selection_.begin_group(context_.groups.back());
  arrays_.begin_group();
}

// A query has drained when its last tile is written and its shadow merges have ended.
void Core::check_drained(std::uint64_t number) {
  QueryState& query = context_.queries[number];
  if (query.shadow_merges != 0 || query.drained) return;
  query.drained = true;
  drain();
}

void Core::drain() {
  dispatch_.drain_in_order();
  hand_over_in_order();
}

// The next query asks for its last merge when it has drained and normalization is free.
void Core::hand_over_in_order() {
  while (softmax_.free() && softmax_.next_handed() != dispatch_.next_drained()) {
    const std::uint64_t number = softmax_.next_handed();
    if (context_.queries[number].empty) {
      hand_over(number);
    } else {
      softmax_.request();
      merge_.request({number, true});
    }
  }
}

void Core::hand_over(std::uint64_t number) {
  const QueryState& query = context_.queries[number];
  softmax_.take();
  if (query.candidates.lane_next) {
    tile_selection_.lane_is_free(*query.candidates.lane_next);
    arrays_.go_on();
  }
  if (context_.last_of_group(query)) {
    tile_selection_.end_group(context_.group_of(query));
    dispatch_.group_handed_over();
  }
  if (query.empty) normalized();
}

bool Core::start_merge() {
  const std::optional<MergeRequest> started = merge_.start();
  if (!started) return false;
  if (started->last) {
    hand_over(started->query);
  } else {
    tile_selection_.room_is_made(started->query);
    arrays_.go_on();
  }
  return true;
}

void Core::merge_ended(std::uint64_t number, bool last, std::uint32_t dropped) {
  merge_.end();
  QueryState& query = context_.queries[number];
  const std::uint32_t merge = query.merges_ended++;
  if (context_.rules.prefetch_tiles) {
    prefetch_.drop(query, merge, dropped);
  } else if (context_.rules.prefetch && last) {
    prefetch_.request(number, query.candidates.occupied);
  }
  if (last) return;
  --query.shadow_merges;
  const RegisterState& candidates = query.candidates;
  if (candidates.next_tile == context_.group_of(query).profile->tiles && candidates.last_write <= context_.now)
    check_drained(number);
}

void Core::normalized() {
  softmax_.normalized();
  pass_on();
}

// Normalization hands its query over to contextualization when both are ready.
void Core::pass_on() {
  if (!softmax_.waits() || !contextualization_.free()) return;
  const std::uint64_t number = softmax_.pass_on();
  if (context_.queries[number].empty) return complete(number);
  contextualization_.take(number);
}

void Core::complete(std::uint64_t number) {
  if (number != context_.queries.begin()) throw LawBroken("fast engine: queries of a core completed out of order");
  const QueryState& query = context_.queries[number];
  context_.record.completed.emplace_back(number, context_.now);
  prefetch_.release(query);
  if (context_.last_of_group(query)) {
    if (context_.group_of(query).duties.frees_values) value_load_.head_done();
    context_.groups.pop_front();
  }
  context_.queries.pop_front();
  if (context_.rules.mapping.decode != Decode::off) dispatch_.try_enter();
}

void Core::settle_accounts() {
  dispatch_.account();
  prefetch_.account();
  value_load_.account();
  softmax_.account();
}

Moment Core::moment() const {
  const std::uint64_t group = last_group();
  return {context_.now, group, context_.schedule.first_query(group), context_.rules.dram.latency};
}

void Core::describe(StateCodec& codec) {
  codec.part(context_);
  key_stream_.describe(codec);
  dispatch_.describe(codec);
  arrays_.describe(codec);
  tile_selection_.describe(codec);
  merge_.describe(codec);
  prefetch_.describe(codec);
  value_load_.describe(codec);
  softmax_.describe(codec);
  contextualization_.describe(codec);
}

// What is over is forgotten first: it must not tell states apart that go on alike.
SavedState Core::save() {
  context_.events.put_in_order();
  dispatch_.forget_past(softmax_.next_handed());
  tile_selection_.forget_past();
  SavedState saved;
  StateCodec codec(&saved, moment());
  describe(codec);
  return saved;
}

void Core::restore(const SavedState& saved, Cycle now, std::uint64_t group) {
  context_.now = now;
  context_.groups.restart(group + 1);
  StateCodec codec(&saved, moment());
  describe(codec);
  group_waits_ = true;
}

}  // namespace capcam::fast
