// What every module of the machine shares: the clock, a wake-up event, sleeping until there is something to do.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <systemc>

namespace capcam {

using Cycle = std::uint64_t;
inline constexpr Cycle never = std::numeric_limits<Cycle>::max();

// Decisions that must see everything that happens in a cycle are taken late in it.
enum class Phase : std::uint8_t { work = 0, merge = 1, prefetch = 2, dram = 3 };

// Whole cycles on top of SystemC time (resolution 1 fs). Keep one; make it before any module. It is read once an
// activation: everything a module does happens at one moment.
class Clock {
 public:
  explicit Clock(double frequency_ghz);
  // The present moment, from the kernel.
  void read() {
    value_ = sc_core::sc_time_stamp().value();
    while (value_ - base_ >= period_fs_) {
      const std::uint64_t cycles = (value_ - base_) / period_fs_;
      cycle_ += cycles;
      base_ += cycles * period_fs_;
    }
  }
  Cycle now() const { return cycle_; }
  // True if the present moment is at or after that phase of its cycle.
  bool reached(Phase phase) const { return value_ - base_ >= static_cast<std::uint64_t>(phase) * (period_fs_ / 4); }
  std::uint64_t period_fs() const { return period_fs_; }
  // From the present moment to a phase of a cycle, in fs; zero if that is past.
  std::uint64_t until_fs(Cycle cycle, Phase phase) const {
    const std::uint64_t at = cycle * period_fs_ + static_cast<std::uint64_t>(phase) * (period_fs_ / 4);
    return at > value_ ? at - value_ : 0;
  }

 private:
  std::uint64_t period_fs_;
  std::uint64_t value_ = 0, base_ = 0;
  Cycle cycle_ = 0;
};

// Notifies `event` at `cycle`, at once if that has come.
inline void notify_at(const Clock& clock, sc_core::sc_event& event, Cycle cycle, Phase phase = Phase::work) {
  const std::uint64_t delay_fs = clock.until_fs(cycle, phase);
  if (delay_fs == 0) {
    event.notify();
  } else {
    event.notify(sc_core::sc_time::from_value(delay_fs));
  }
}

// A module that sleeps until one of its channels or its own timer wakes it, and then does all it can.
class Stage : public sc_core::sc_module {
 public:
  sc_core::sc_event wake;
  virtual std::string state() const = 0;  // one line for the no-progress error
  Cycle cycle() const { return clock_.now(); }

 protected:
  Stage(const sc_core::sc_module_name& name, Clock& clock);
  Cycle now() const { return clock_.now(); }
  // An event keeps only its earliest notification, so step() asks again for whatever still lies ahead.
  void wake_at(Cycle cycle) {
    if (cycle == never) return;
    if (cycle <= now()) return wake.notify(sc_core::SC_ZERO_TIME);  // a running module cannot wake itself at once
    notify_at(clock_, wake, cycle);
  }
  virtual void step() = 0;  // does all that can be done at the present moment
  Clock& clock_;

 private:
  void activate() {
    clock_.read();
    step();
  }
};

}  // namespace capcam
