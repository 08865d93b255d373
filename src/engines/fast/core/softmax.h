// Takes over the queries of a core in order, normalizes the scores that each keeps, and holds the weights until
// contextualization is free.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "engines/fast/core/context.h"

namespace capcam::fast {

class StateCodec;

struct SoftmaxState {
  std::uint64_t next_handed = 0;  // queries before it are handed over
  bool requested = false;         // true if the next query has requested its last merge
  bool holds = false;             // true if there is a query in the unit: the one before next_handed
  bool waits = false;             // true if it is normalized and waits for contextualization
  Cycle waits_since = 0;

  static void describe(auto& v, auto& s) {
    v.query(s.next_handed);
    v.number(s.requested, s.holds, s.waits);
    v.clock(s.waits_since);
  }
};

class Softmax {
 public:
  explicit Softmax(CoreContext& core) : core_(core) {}

  std::uint64_t next_handed() const { return state_.next_handed; }
  // Returns true if the next query may request its last merge.
  bool free() const { return !state_.holds && !state_.requested; }
  void request() { state_.requested = true; }
  // Hands the next query over now: its last merge starts, or it has no valid key.
  void take();
  // Handles the event `normalized`, or takes an empty query.
  void normalized();
  bool waits() const { return state_.waits; }
  // Lets the query go on to contextualization.
  std::uint64_t pass_on();
  // Adds up the cycles of waiting up to now.
  void account();

  void describe(StateCodec& v);

 private:
  CoreContext& core_;
  SoftmaxState state_;
};

}  // namespace capcam::fast
