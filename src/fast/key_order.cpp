// SPDX-License-Identifier: Apache-2.0
#include "fast/key_order.h"

namespace capcam::fast {

bool KeyOrder::done() {
  find();
  return !found_;
}

void KeyOrder::find() {
  for (; !found_ && group_ != schedule_.groups(); ++group_, job_ = 0, planned_ = false) {
    if (!planned_) {
      plan_ = schedule_.plan(group_);
      planned_ = true;
      if (plan_.duties.new_keys) programmed_.assign(programmed_.size(), false);
    }
    const GroupProfile& profile = *plan_.profile;
    const std::uint64_t jobs = std::uint64_t{profile.tiles} * machine_.segments;
    for (; job_ != jobs; ++job_) {
      if (!profile.searched(static_cast<std::uint32_t>(job_ / machine_.segments))) continue;
      if (machine_.mapping.resident) {
        const std::uint64_t array = std::uint64_t{profile.first_tile} * machine_.segments + job_;
        if (programmed_[array]) continue;
        programmed_[array] = true;
      }
      found_ = true;
      return;
    }
  }
}

std::uint64_t KeyOrder::next_bytes() {
  find();
  const auto tile = static_cast<std::uint32_t>(job_ / machine_.segments);
  const auto segment = static_cast<std::uint32_t>(job_ % machine_.segments);
  found_ = false;
  ++job_;
  return machine_.job_key_bytes(machine_.mapping.keys_in(plan_.profile->first_tile + tile), segment);
}

}  // namespace capcam::fast
