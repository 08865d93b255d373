// The DRAM channel: a latency and a bandwidth shared by all cores, first come first served.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "engines/fast/cycle.h"

namespace capcam::fast {

class Channel {
 public:
  Channel(double bandwidth_gb_s, double frequency_ghz, Cycle latency_cycles)
      : bytes_per_cycle_(bandwidth_gb_s / frequency_ghz),
        unlimited_(std::isinf(bandwidth_gb_s)),
        latency_(latency_cycles) {}

  bool unlimited() const { return unlimited_; }

  // When a request made now is complete. Requests come in order of time, core, keys before values.
  Cycle complete(Cycle now, std::uint64_t bytes) {
    if (unlimited_) return now + latency_;
    const auto transfer = static_cast<Cycle>(
        std::ceil(static_cast<double>(units_per_cycle) * static_cast<double>(bytes) / bytes_per_cycle_));
    free_units_ = std::max(now * units_per_cycle, free_units_) + transfer;
    return (free_units_ + units_per_cycle - 1) / units_per_cycle + latency_;
  }

  // How far beyond `now` the channel is taken, in units of 2^-20 cycle.
  Cycle backlog_units(Cycle now) const { return std::max<Cycle>(0, free_units_ - now * units_per_cycle); }
  void set_backlog_units(Cycle now, Cycle units) { free_units_ = now * units_per_cycle + units; }

 private:
  static constexpr Cycle units_per_cycle = Cycle{1} << 20;
  double bytes_per_cycle_;
  bool unlimited_;
  Cycle latency_;
  Cycle free_units_ = 0;  // end of the last transfer
};

}  // namespace capcam::fast
