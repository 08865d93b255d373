// SPDX-License-Identifier: Apache-2.0
#include "engines/fast/core/contextualization.h"

#include "engines/fast/core/state_codec.h"

namespace capcam::fast {

void Contextualization::take(std::uint64_t query) {
  state_ = {query, false, false};
  try_start();
}

void Contextualization::try_start() {
  if (!state_.query || state_.accumulating) return;
  const QueryState& query = core_.queries[*state_.query];
  const Cycle there = core_.rules.prefetch ? prefetch_.there(query) : core_.rules.values_modelled ? load_.there() : 0;
  if (there == never) return;  // it is tried again when the query's bursts or its head's load are issued
  if (there > core_.now) {
    if (!state_.posted) core_.events.post(there, EventType::values_there);
    state_.posted = true;
    return;
  }
  state_.accumulating = true;
  const std::uint32_t kept = query.candidates.occupied;
  const Cycle cycles = core_.rules.times.accumulate(kept);
  core_.tally().busy[Stage::contextualization] += cycles;
  ActionCounts& counts = core_.counts();
  counts.output_buffer_read += kept;
  counts.value_mac_mac += std::uint64_t{kept} * core_.rules.times.value_dim;
  counts.value_sram_read += core_.rules.times.issues(kept);
  core_.events.post(core_.now + cycles, EventType::completed, *state_.query);
}

void Contextualization::describe(StateCodec& v) { v.state(state_); }

}  // namespace capcam::fast
