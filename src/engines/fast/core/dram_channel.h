// The DRAM channel that all cores share: it serves requests first come first served.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>

#include "machine/service_times.h"

namespace capcam::fast {

class DramChannel {
 public:
  explicit DramChannel(const DramTimes& times) : times_(times) {}

  bool unlimited() const { return times_.unlimited(); }

  // Returns when a request that is made now is complete. Requests must come in order of time and core, keys before
  // values.
  Cycle complete(Cycle now, std::uint64_t bytes) {
    if (unlimited()) return now + times_.latency;
    free_units_ = std::max(now * DramTimes::units_per_cycle, free_units_) + times_.transfer_units(bytes);
    return times_.complete(free_units_);
  }

  static void describe(auto& v, auto& d) { v.fine_time(d.free_units_, DramTimes::units_per_cycle); }

 private:
  DramTimes times_;
  Cycle free_units_ = 0;  // end of the last transfer
};

}  // namespace capcam::fast
