// Value rows and keys of a core: what it asks of the DRAM channel.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "capcam/error.h"
#include "engines/fast/core.h"

namespace capcam::fast {

void Core::load_keys(std::uint64_t group) {
  key_requests_.push_back({machine_.head_key_bytes, true, 0, schedule_.head_of_group(group)});
}

void Core::log_keys(const KeyRequest& request) {
  DramRequest what;
  what.cycle = static_cast<std::uint64_t>(now_);
  what.core = number_;
  what.bytes = request.bytes;
  what.what = DramRequest::What::head_keys;
  what.head = request.head;
  if (!request.whole_head) {
    const KeyFetch& fetch = fetches_to_log_.front();
    what.what = DramRequest::What::tile_keys;
    what.head = schedule_.head_of_group(fetch.group);
    what.tile = fetch.tile;
    what.segment = fetch.segment;
    what.first_row = fetch.first_row;
    fetches_to_log_.pop_front();
  }
  log_->request(std::move(what));
}

void Core::log_values(std::uint64_t number, std::uint32_t burst, std::uint64_t bytes) {
  DramRequest what;
  what.cycle = static_cast<std::uint64_t>(now_);
  what.core = number_;
  what.bytes = bytes;
  what.head = schedule_.head_of_query(number);
  what.query = schedule_.query_of_head(number);
  what.keys = query(number).keys.bursts[burst];
  log_->request(std::move(what));
}

void Core::request_values(std::uint64_t number, std::uint32_t rows) {
  QueryState& q = query(number);
  account_values();
  q.bursts.push_back({rows, never});
  ++state_.waiting_bursts;
  values_changed_ = true;
}

// A merge of the query has ended: the rows of what it dropped are not wanted.
void Core::drop_values(QueryState& q, std::uint32_t merge_number, std::uint32_t dropped) {
  if (dropped == 0) return;
  account_values();
  q.dropped += dropped;
  values_changed_ = true;
  if (data_ == nullptr) {
    if (q.first_waiting != q.bursts.size()) throw NeedsData{};
    q.held -= dropped;
    state_.held -= dropped;
    return;
  }
  for (; q.next_drop != q.drops.size() && q.drops[q.next_drop].merge == merge_number; ++q.next_drop) {
    const Drop& drop = q.drops[q.next_drop];
    Burst& burst = q.bursts[drop.burst];
    if (burst.rows < drop.rows || dropped < drop.rows) throw LawBroken("fast engine: dropped more rows than there are");
    burst.rows -= drop.rows;
    dropped -= drop.rows;
    if (log_ != nullptr) {
      std::vector<std::uint32_t>& keys = q.keys.bursts[drop.burst];
      for (const std::uint32_t key : q.keys.dropped[q.next_drop]) std::erase(keys, key);
    }
    if (burst.complete != never) {
      q.held -= drop.rows;
      state_.held -= drop.rows;
    } else if (burst.rows == 0) {
      --state_.waiting_bursts;
    }
  }
  if (dropped != 0) throw LawBroken("fast engine: a merge did not drop what it had to");
  while (q.first_waiting != q.bursts.size() &&
         (q.bursts[q.first_waiting].rows == 0 || q.bursts[q.first_waiting].complete != never)) {
    ++q.first_waiting;
  }
}

// Without a DataSource issued bursts are all alike: only those that wait are kept.
void Core::forget_issued(QueryState& q) const {
  if (data_ != nullptr) return;
  q.bursts.erase(q.bursts.begin(), q.bursts.begin() + q.first_waiting);
  q.first_waiting = 0;
}

// Issues waiting bursts, oldest query first, keeping back what older queries may still need.
void Core::issue_values() {
  values_changed_ = false;
  if (state_.waiting_bursts == 0) return;
  account_values();
  std::uint64_t reserve = 0;
  for (std::uint64_t number = state_.queries.begin(); number != state_.queries.end(); ++number) {
    QueryState& q = query(number);
    for (; q.first_waiting != q.bursts.size(); ++q.first_waiting) {
      Burst& burst = q.bursts[q.first_waiting];
      if (burst.rows == 0) continue;  // cancelled
      if (machine_.value_slots < state_.held + reserve + burst.rows) {
        forget_issued(q);
        account_values();
        return try_contextualize();
      }
      const std::uint64_t bytes = burst.rows * machine_.value_row_bytes;
      if (log_ != nullptr) log_values(number, q.first_waiting, bytes);
      burst.complete = channel_.complete(now_, bytes);
      q.held += burst.rows;
      state_.held += burst.rows;
      q.values_there = std::max(q.values_there, burst.complete);
      state_.values_until = std::max(state_.values_until, burst.complete);
      --state_.waiting_bursts;
      ActionCounts& counts = record_.tally.counts;
      ++counts.dram_access;
      ++counts.value_sram_write;
      counts.value_sram_write_byte += bytes;
      counts.dram_value_bytes += bytes;
    }
    forget_issued(q);
    if (state_.waiting_bursts == 0) break;
    reserve += std::max<std::uint64_t>(machine_.n, q.held) - q.held;
  }
  try_contextualize();
}

// Up to now, with what has held since the last change.
void Core::account_values() {
  if (state_.waiting_bursts != 0) {
    record_.tally.blocked[prefetch] += now_ - state_.values_accounted;
  } else {
    record_.tally.busy[prefetch] += std::max<Cycle>(0, std::min(now_, state_.values_until) - state_.values_accounted);
  }
  state_.values_accounted = now_;
}

// When all kept rows of a query are there, if that is known.
bool Core::values_known(const QueryState& q, Cycle& there) const {
  there = 0;
  if (data_ == nullptr || !machine_.prefetch_tiles) {
    if (q.first_waiting != q.bursts.size()) return false;
    there = q.values_there;
    if (there > now_ && q.dropped != 0) throw NeedsData{};
    return true;
  }
  for (const Burst& burst : q.bursts) {
    if (burst.rows == 0) continue;
    if (burst.complete == never) return false;
    there = std::max(there, burst.complete);
  }
  return true;
}

// Numbers the fetches of a group's programming jobs.
void Core::number_fetches(GroupState& group) {
  const GroupProfile& profile = *group.profile;
  const std::uint64_t first = std::uint64_t{profile.first_tile} * machine_.segments;
  group.fetches.assign(std::size_t{profile.tiles} * machine_.segments, 0);
  for (std::uint64_t job = 0; job != group.fetches.size(); ++job) {
    const auto tile = static_cast<std::uint32_t>(job / machine_.segments);
    if (!profile.searched(tile)) continue;
    const std::uint32_t programmed = machine_.keeps_rows() ? state_.arrays[first + job].programmed : 0;
    if (machine_.rows_to_write(profile.keys_in(tile, machine_.mapping.rows), programmed) == 0) continue;
    group.fetches[job] = state_.jobs_numbered++;
  }
}

// Requests keys as far ahead as the key SRAM has room. With unlimited bandwidth a request's end is known at once and
// nobody else is kept waiting by it; requests beyond the last job do no harm then.
void Core::request_fetches() {
  for (;;) {
    const std::uint64_t fetch = state_.fetches.end();
    const bool full = fetch >= machine_.fetch_depth;
    if (full && state_.fetches.front().programmed == never) break;
    if (!fetches_at_once() && key_order_.done()) break;
    if (full) {
      state_.fetch_requested = std::max(state_.fetch_requested, state_.fetches.front().programmed);
      state_.fetches.pop_front();
    }
    if (fetches_at_once()) {
      state_.fetches.push_back({never, channel_.complete(state_.fetch_requested, 0)});
    } else {
      const KeyFetch next = key_order_.next();
      post(state_.fetch_requested, EventType::fetch, fetch, static_cast<std::uint32_t>(next.bytes));
      if (log_ != nullptr) fetches_to_log_.push_back(next);
      state_.fetches.push_back({never, never});
    }
  }
  wake_arrays();
}

void Core::fetch_used(std::uint64_t fetch, Cycle programmed) {
  state_.fetches[fetch].programmed = programmed;
  request_fetches();
}

// Arrays whose keys are on their way go on.
void Core::wake_arrays() {
  std::erase_if(arrays_without_keys_, [&](std::uint32_t array) {
    ArrayState& a = state_.arrays[array];
    const std::uint64_t fetch = state_.groups[a.group].fetches[a.job];
    if (fetch >= state_.fetches.end() || state_.fetches[fetch].there == never) return false;
    a.awaits_keys = false;
    ready_arrays_.push_back(array);
    return true;
  });
}

void Core::submit_keys() {
  if (key_requests_.empty()) return;
  for (const KeyRequest& request : key_requests_) {
    if (log_ != nullptr) log_keys(request);
    const Cycle there = channel_.complete(now_, request.bytes);
    if (!request.whole_head) {
      state_.fetches[request.fetch].there = there;
      continue;
    }
    state_.keys_there = there;
    record_.tally.counts.key_sram_write += machine_.head_key_words;
    record_.tally.counts.dram_key_bytes += request.bytes;
    try_enter();
  }
  key_requests_.clear();
  wake_arrays();
  run_ready_arrays();
}

}  // namespace capcam::fast
