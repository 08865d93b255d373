// SPDX-License-Identifier: Apache-2.0
#include "engines/fast/core/softmax.h"

#include "engines/fast/core/state_codec.h"

namespace capcam::fast {

void Softmax::take() {
  const QueryState& query = core_.queries[state_.next_handed++];
  state_.requested = false;
  state_.holds = true;
  if (query.empty) return;
  const std::uint32_t kept = query.candidates.occupied;
  const Cycle cycles = core_.rules.times.softmax(kept);
  core_.tally().busy[Stage::normalization] += core_.rules.times.merge + cycles;
  core_.tally().busy[Stage::softmax] += cycles;
  ActionCounts& counts = core_.counts();
  counts.exp_table_lookup += kept;
  counts.softmax_accumulator_add += kept;
  counts.softmax_divider_divide += kept;
  counts.output_buffer_write += 2 * std::uint64_t{kept};
  core_.events.post(core_.now + core_.rules.times.merge + cycles, EventType::normalized);
}

void Softmax::normalized() {
  state_.waits = true;
  state_.waits_since = core_.now;
}

std::uint64_t Softmax::pass_on() {
  account();
  state_.waits = state_.holds = false;
  return state_.next_handed - 1;
}

void Softmax::account() {
  if (!state_.waits) return;
  const Cycle waited = core_.now - state_.waits_since;
  core_.tally().blocked[Stage::normalization] += waited;
  core_.tally().blocked[Stage::softmax] += waited;
  state_.waits_since = core_.now;
}

void Softmax::describe(StateCodec& v) { v.state(state_); }

}  // namespace capcam::fast
