// SPDX-License-Identifier: Apache-2.0
#include "engines/fast/core/value_load.h"

#include <algorithm>
#include <utility>

#include "engines/fast/core/state_codec.h"

namespace capcam::fast {

void ValueLoad::start() {
  if (core_.rules.values_modelled) want(0);
}

void ValueLoad::want(std::uint64_t group) {
  ++state_.wanted;
  if (core_.log != nullptr) to_log_.push_back(core_.schedule.head_of_group(group));
  take_room();
}

void ValueLoad::head_done() {
  state_.loads.pop_front();
  take_room();
}

void ValueLoad::take_room() {
  while (state_.wanted != 0 && state_.loads.size() < core_.rules.value_heads) {
    --state_.wanted;
    requests_.push_back(state_.loads.end());
    state_.loads.push_back({});
  }
}

bool ValueLoad::submit() {
  if (requests_.empty()) return false;
  account();
  for (const std::uint64_t load : requests_) {
    if (core_.log != nullptr) log();
    const Cycle there = core_.dram.complete(core_.now, core_.rules.head_value_bytes());
    if (load >= state_.loads.begin()) state_.loads[load].there = there;  // else its head had no query that needs it
    state_.until = std::max(state_.until, there);
  }
  requests_.clear();
  return true;
}

void ValueLoad::account() {
  core_.tally().busy[Stage::prefetch] += std::max<Cycle>(0, std::min(core_.now, state_.until) - state_.accounted);
  state_.accounted = core_.now;
}

void ValueLoad::log() {
  DramRequest what;
  what.cycle = static_cast<std::uint64_t>(core_.now);
  what.core = core_.number;
  what.what = DramRequest::What::head_values;
  what.head = to_log_.front();
  what.bytes = core_.rules.head_value_bytes();
  to_log_.pop_front();
  core_.log->request(std::move(what));
}

void ValueLoad::describe(StateCodec& v) { v.state(state_); }

}  // namespace capcam::fast
