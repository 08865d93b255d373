// Lets the groups of a core enter in order, and follows their queries until they have drained.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engines/fast/core/context.h"
#include "engines/fast/core/key_stream.h"

namespace capcam::fast {

struct DispatchState {
  Cycle gate = never;  // when the next group may enter; never if that is not known
  bool enter_posted = false;
  std::optional<GroupPlan> next;         // plan of the group that enters next, once it is asked for
  std::vector<std::uint64_t> lane_last;  // the latest query of each lane, + 1
  std::uint64_t next_drained = 0;        // queries before this one have drained, in order
  std::uint64_t undrained_groups = 0;
  std::uint64_t unhanded_groups = 0;
  Cycle accounted = 0;  // cycles of association are counted up to here

  static void describe(auto& v, auto& s) {
    v.transient(s.gate, s.enter_posted, s.next);
    v.queries(s.lane_last);
    v.query(s.next_drained);
    v.number(s.undrained_groups, s.unhanded_groups);
    v.clock(s.accounted);
  }
};

class Dispatch {
 public:
  Dispatch(CoreContext& core, KeyStream& key_stream);

  // Lets the next group enter from this cycle on.
  void open_gate(Cycle from);
  // Lets the next group enter as soon as the one before it lets it and its keys are there.
  void try_enter();
  // Lets the group enter now. `next_handed` is the first query that still holds its register.
  const GroupState& enter(std::uint64_t next_handed);
  // Takes note of the queries that have drained, in order.
  void drain_in_order();
  std::uint64_t next_drained() const { return state_.next_drained; }
  // Takes note that the last query of a group is handed over.
  void group_handed_over();
  // Adds up the cycles of association up to now.
  void account();

  // Prepares for saving; `next_handed` is as above.
  void forget_past(std::uint64_t next_handed);
  void describe(StateCodec& v);

 private:
  void count_loads(std::uint64_t group);
  void create_queries(const GroupState& group, std::uint64_t next_handed);

  CoreContext& core_;
  KeyStream& key_stream_;
  DispatchState state_;
};

}  // namespace capcam::fast
