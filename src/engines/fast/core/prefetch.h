// Fetches value rows from DRAM into the slots of the value SRAM, in bursts.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "engines/fast/core/context.h"

namespace capcam::fast {

class StateCodec;

struct PrefetchState {
  std::uint64_t held = 0;  // slots in use
  std::uint64_t waiting_bursts = 0;
  Cycle until = 0;  // when the last issued burst is complete
  Cycle accounted = 0;

  static void describe(auto& v, auto& s) {
    v.number(s.held, s.waiting_bursts);
    v.time(s.until);
    v.clock(s.accounted);
  }
};

class Prefetch {
 public:
  explicit Prefetch(CoreContext& core) : core_(core) {}

  // Requests a burst of so many rows for a query now.
  void request(std::uint64_t query, std::uint32_t rows);
  // Takes note that a merge of the query has ended. The rows of the candidates that it dropped are not wanted.
  void drop(QueryState& query, std::uint32_t merge, std::uint32_t dropped);
  // Takes back the slots of a query that is complete.
  void release(const QueryState& query);

  // Returns true if requests or slots changed in this cycle.
  bool changed() const { return changed_; }
  // Issues waiting bursts. Returns false if none waits.
  bool issue();
  // Returns when all kept rows of a query are there; never if that is not known.
  Cycle there(const QueryState& query) const;

  // Returns when the last issued burst is complete.
  Cycle until() const { return state_.until; }
  // Adds up the cycles up to now.
  void account();

  void describe(StateCodec& v);

 private:
  void issue_in_order();
  void issue_next(std::uint64_t query, ValueRowsState& rows);
  void forget_issued(ValueRowsState& rows) const;
  void log(std::uint64_t number, std::uint32_t burst, std::uint64_t bytes);

  CoreContext& core_;
  PrefetchState state_;
  bool changed_ = false;
};

}  // namespace capcam::fast
