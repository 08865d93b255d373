// SPDX-License-Identifier: Apache-2.0
#include "engines/fast/core/prefetch.h"

#include <algorithm>
#include <utility>

#include "capcam/error.h"
#include "engines/fast/core/state_codec.h"

namespace capcam::fast {

void Prefetch::request(std::uint64_t query, std::uint32_t rows) {
  account();
  core_.queries[query].values.bursts.push_back({rows, never});
  ++state_.waiting_bursts;
  changed_ = true;
}

void Prefetch::drop(QueryState& query, std::uint32_t merge, std::uint32_t dropped) {
  if (dropped == 0) return;
  account();
  changed_ = true;
  ValueRowsState& rows = query.values;
  rows.dropped = true;
  if (core_.data == nullptr) {
    if (rows.first_waiting != rows.bursts.size()) throw NeedsData{};
    rows.held -= dropped;
    state_.held -= dropped;
    return;
  }
  const std::vector<Drop>& drops = query.data.drops;
  for (; rows.next_drop != drops.size() && drops[rows.next_drop].merge == merge; ++rows.next_drop) {
    const Drop& drop = drops[rows.next_drop];
    Burst& burst = rows.bursts[drop.burst];
    if (burst.rows < drop.rows || dropped < drop.rows) throw LawBroken("fast engine: dropped more rows than there are");
    burst.rows -= drop.rows;
    dropped -= drop.rows;
    if (core_.log != nullptr) {
      std::vector<std::uint32_t>& keys = query.data.keys.bursts[drop.burst];
      for (const std::uint32_t key : query.data.keys.dropped[rows.next_drop]) std::erase(keys, key);
    }
    if (burst.complete != never) {
      rows.held -= drop.rows;
      state_.held -= drop.rows;
    } else if (burst.rows == 0) {
      --state_.waiting_bursts;
    }
  }
  if (dropped != 0) throw LawBroken("fast engine: a merge did not drop what it had to");
  while (rows.first_waiting != rows.bursts.size() &&
         (rows.bursts[rows.first_waiting].rows == 0 || rows.bursts[rows.first_waiting].complete != never)) {
    ++rows.first_waiting;
  }
}

void Prefetch::release(const QueryState& query) {
  if (query.values.held != 0) {
    account();
    state_.held -= query.values.held;
  }
  changed_ = true;
}

bool Prefetch::issue() {
  changed_ = false;
  if (state_.waiting_bursts == 0) return false;
  account();
  issue_in_order();
  account();
  return true;
}

// The oldest query comes first, and what older queries may still need is kept back. The first burst that has to wait
// for slots ends the pass.
void Prefetch::issue_in_order() {
  std::uint64_t reserve = 0;
  for (std::uint64_t number = core_.queries.begin(); number != core_.queries.end(); ++number) {
    ValueRowsState& rows = core_.queries[number].values;
    bool all = true;
    for (; rows.first_waiting != rows.bursts.size(); ++rows.first_waiting) {
      const std::uint32_t wanted = rows.bursts[rows.first_waiting].rows;
      if (wanted == 0) continue;  // the burst is cancelled
      all = state_.held + reserve + wanted <= core_.rules.times.value_slots;
      if (!all) break;
      issue_next(number, rows);
    }
    forget_issued(rows);
    if (!all || state_.waiting_bursts == 0) return;
    reserve += std::max<std::uint64_t>(core_.rules.n, rows.held) - rows.held;
  }
}

void Prefetch::issue_next(std::uint64_t number, ValueRowsState& rows) {
  Burst& burst = rows.bursts[rows.first_waiting];
  const std::uint64_t bytes = burst.rows * core_.rules.times.value_row_bytes;
  if (core_.log != nullptr) log(number, rows.first_waiting, bytes);
  burst.complete = core_.dram.complete(core_.now, bytes);
  rows.held += burst.rows;
  state_.held += burst.rows;
  rows.there = std::max(rows.there, burst.complete);
  state_.until = std::max(state_.until, burst.complete);
  --state_.waiting_bursts;
  ActionCounts& counts = core_.counts();
  ++counts.dram_access;
  ++counts.value_sram_write;
  counts.value_sram_write_byte += bytes;
  counts.dram_value_bytes += bytes;
}

// Without a DataSource issued bursts are all alike, and only those that wait are kept.
void Prefetch::forget_issued(ValueRowsState& rows) const {
  if (core_.data != nullptr || rows.first_waiting == 0) return;
  rows.bursts.erase(rows.bursts.begin(), rows.bursts.begin() + rows.first_waiting);
  rows.first_waiting = 0;
}

Cycle Prefetch::there(const QueryState& query) const {
  const ValueRowsState& rows = query.values;
  if (core_.data == nullptr || !core_.rules.prefetch_tiles) {
    if (rows.first_waiting != rows.bursts.size()) return never;
    if (rows.there > core_.now && rows.dropped) throw NeedsData{};
    return rows.there;
  }
  Cycle there = 0;
  for (const Burst& burst : rows.bursts) {
    if (burst.rows != 0) there = std::max(there, burst.complete);  // never, if it is not issued
  }
  return there;
}

// The cycles count as what has held since the last change.
void Prefetch::account() {
  Tally& tally = core_.tally();
  if (state_.waiting_bursts != 0) {
    tally.blocked[Stage::prefetch] += core_.now - state_.accounted;
  } else {
    tally.busy[Stage::prefetch] += std::max<Cycle>(0, std::min(core_.now, state_.until) - state_.accounted);
  }
  state_.accounted = core_.now;
}

void Prefetch::log(std::uint64_t number, std::uint32_t burst, std::uint64_t bytes) {
  DramRequest what;
  what.cycle = static_cast<std::uint64_t>(core_.now);
  what.core = core_.number;
  what.bytes = bytes;
  what.head = core_.schedule.head_of_query(number);
  what.query = core_.schedule.query_of_head(number);
  what.keys = core_.queries[number].data.keys.bursts[burst];
  core_.log->request(std::move(what));
}

void Prefetch::describe(StateCodec& v) { v.state(state_); }

}  // namespace capcam::fast
