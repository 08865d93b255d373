// The clock counts whole cycles on top of SystemC time.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <systemc>

#include "core/cycle.h"

namespace capcam::systemc {

// Decisions that must see everything that happens in a cycle are taken late in it.
enum class Phase : std::uint8_t { work = 0, merge = 1, prefetch = 2, memory = 3 };

// A machine has one clock, made before any module; it sets the time resolution to 1 fs. Every process reads it first,
// because everything that a process does happens at one moment.
class Clock {
 public:
  explicit Clock(double frequency_ghz);
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;

  // Takes the present moment from the kernel.
  void read() {
    ++reads_;
    value_ = sc_core::sc_time_stamp().value();
    while (value_ - base_ >= period_fs_) {
      // Most steps are short, and a division is slow.
      const std::uint64_t cycles = value_ - base_ < 8 * period_fs_ ? 1 : (value_ - base_) / period_fs_;
      cycle_ += static_cast<Cycle>(cycles);
      base_ += cycles * period_fs_;
    }
  }
  Cycle now() const { return cycle_; }
  // Counts how often it was read: a machine in which nothing happens does not read it.
  std::uint64_t reads() const { return reads_; }
  // Returns true if the present moment is at or after that phase of its cycle.
  bool reached(Phase phase) const { return value_ - base_ >= static_cast<std::uint64_t>(phase) * (period_fs_ / 4); }
  std::uint64_t period_fs() const { return period_fs_; }
  // Returns the time from the present moment to a phase of a cycle in fs; zero if that is past.
  std::uint64_t until_fs(Cycle cycle, Phase phase = Phase::work) const {
    const std::uint64_t at =
        static_cast<std::uint64_t>(cycle) * period_fs_ + static_cast<std::uint64_t>(phase) * (period_fs_ / 4);
    return at > value_ ? at - value_ : 0;
  }
  // Returns the moment at which a cycle begins.
  sc_core::sc_time time_of(Cycle cycle) const {
    return sc_core::sc_time::from_value(static_cast<std::uint64_t>(cycle) * period_fs_);
  }
  // Returns the first cycle that begins at or after a moment.
  Cycle cycle_from(const sc_core::sc_time& time) const {
    return static_cast<Cycle>((time.value() + period_fs_ - 1) / period_fs_);
  }

 private:
  std::uint64_t period_fs_;
  std::uint64_t value_ = 0, base_ = 0, reads_ = 0;
  Cycle cycle_ = 0;
};

// Notifies `event` at a phase of a cycle, at once if that has come.
inline void notify_at(const Clock& clock, sc_core::sc_event& event, Cycle cycle, Phase phase = Phase::work) {
  const std::uint64_t delay_fs = clock.until_fs(cycle, phase);
  if (delay_fs == 0) {
    event.notify();
  } else {
    event.notify(sc_core::sc_time::from_value(delay_fs));
  }
}

}  // namespace capcam::systemc
