// SPDX-License-Identifier: Apache-2.0
#include "engines/fast/schedule/key_order.h"

#include <algorithm>

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
      if (plan_.duties.new_keys) programmed_.assign(programmed_.size(), 0);
    }
    const GroupProfile& profile = *plan_.profile;
    const std::uint64_t jobs = std::uint64_t{profile.tiles} * rules_.segments;
    for (; job_ != jobs; ++job_) {
      const auto tile = static_cast<std::uint32_t>(job_ / rules_.segments);
      if (!profile.searched(tile)) continue;
      rows_ = profile.keys_in(tile, rules_.mapping.rows);
      first_row_ = 0;
      if (rules_.keeps_rows()) {
        std::uint32_t& programmed = programmed_[std::uint64_t{profile.first_tile} * rules_.segments + job_];
        const std::uint32_t keys = rows_;
        rows_ = rules_.rows_to_write(keys, programmed);
        programmed = std::max(programmed, keys);
        first_row_ = keys - rows_;
        if (rows_ == 0) continue;
      }
      found_ = true;
      return;
    }
  }
}

KeyFetch KeyOrder::next() {
  find();
  KeyFetch fetch;
  fetch.group = group_;
  fetch.tile = plan_.profile->first_tile + static_cast<std::uint32_t>(job_ / rules_.segments);
  fetch.segment = static_cast<std::uint32_t>(job_ % rules_.segments);
  fetch.first_row = first_row_;
  fetch.bytes = rules_.job_key_bytes(rows_, fetch.segment);
  found_ = false;
  ++job_;
  return fetch;
}

}  // namespace capcam::fast
