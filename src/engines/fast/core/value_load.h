// Loads the value rows of whole heads (memory.value_source sram, value_load modelled). The rows of a core's next head
// are wanted when a head's first group enters, and requested as soon as the value SRAM has room for them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "engines/fast/core/context.h"

namespace capcam::fast {

class StateCodec;

// A load, which query heads of the same keys and values share.
struct LoadState {
  Cycle there = never;

  static void describe(auto& v, auto& l) { v.time(l.there); }
};

struct ValueLoadState {
  Window<LoadState> loads;   // loads that take room in the SRAM, oldest first
  std::uint64_t wanted = 0;  // loads that wait for room
  Cycle until = 0;           // when the last requested load is complete
  Cycle accounted = 0;

  static void describe(auto& v, auto& s) {
    v.window(s.loads);
    v.number(s.wanted);
    v.time(s.until);
    v.clock(s.accounted);
  }
};

class ValueLoad {
 public:
  explicit ValueLoad(CoreContext& core) : core_(core) {}

  void start();
  // The rows of the head that begins with this group are wanted from now on.
  void want(std::uint64_t group);
  // Takes note that nobody needs the oldest load's rows any more.
  void head_done();
  // Hands the requests of this cycle to the DRAM channel. Returns false if there are none.
  bool submit();
  // Returns when the rows of the oldest query's head are there; never if that is not known.
  Cycle there() const { return state_.loads.empty() ? never : state_.loads[state_.loads.begin()].there; }

  // Returns when the last requested load is complete.
  Cycle until() const { return state_.until; }
  // Adds up the cycles up to now.
  void account();

  void describe(StateCodec& v);

 private:
  void take_room();
  void log();

  CoreContext& core_;
  ValueLoadState state_;
  std::vector<std::uint64_t> requests_;  // loads that are requested in this cycle
  std::deque<std::uint32_t> to_log_;     // heads of wanted loads; only with a log
};

}  // namespace capcam::fast
