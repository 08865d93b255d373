// Named signals over time as a value change dump (IEEE 1364-2005, section 18), for GTKWave. Changes may be told in any
// order of time; they are kept and written at the end, up to the cycle in which there were too many.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/cycle.h"

namespace capcam::systemc {

class Waveform {
 public:
  static constexpr std::size_t limit = std::size_t{1} << 22;  // changes kept; of earlier cycles a few more

  explicit Waveform(std::uint64_t period_fs) : period_fs_(period_fs) {}
  // Only what happens from one cycle to another is kept, and what every signal is when the first begins.
  void window(Cycle first, Cycle last) { first_ = first, last_ = last; }
  Cycle first() const { return first_; }
  // A signal "core0.array0.sensing.state" of so many bits; scopes are made of the dots. Returns its number.
  std::uint32_t add(const std::string& name, std::uint32_t bits);
  // Of changes of a signal in one cycle the one told last holds.
  void change(std::uint32_t signal, Cycle at, std::uint64_t value);
  // Nothing that happens at or after this cycle is kept.
  void cut(Cycle at) { cut_ = std::min(cut_, at); }
  Cycle cut_at() const { return cut_; }  // returns never if nothing was cut
  // Writes what happened in the window, up to `end`. Returns the first cycle that is missing, if the limit was reached.
  std::optional<Cycle> write(const std::filesystem::path& path, Cycle end);

 private:
  struct Signal {
    std::string name;
    std::uint32_t bits;
  };
  struct Change {
    Cycle at;
    std::uint32_t signal;
    std::uint32_t value;
  };
  std::uint64_t period_fs_;
  std::vector<Signal> signals_;
  std::vector<Change> changes_;
  std::unordered_map<std::uint32_t, Change> before_;  // the window, by signal
  Cycle first_ = 0, last_ = never, cut_ = never;
};

}  // namespace capcam::systemc
