// The merge unit of a core: it does one merge at a time, in order of request, ties to the older query.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engines/fast/core/context.h"

namespace capcam::fast {

class StateCodec;

struct MergeRequest {
  std::uint64_t query = 0;
  bool last = false;

  static void describe(auto& v, auto& r) {
    v.query(r.query);
    v.number(r.last);
  }
};

struct MergeState {
  std::vector<MergeRequest> waiting;  // requests in order
  bool busy = false;

  static void describe(auto& v, auto& s) {
    v.list(s.waiting);
    v.number(s.busy);
  }
};

class Merge {
 public:
  explicit Merge(CoreContext& core) : core_(core) {}

  // Requests a merge in this cycle.
  void request(const MergeRequest& request) { of_cycle_.push_back(request); }
  // Starts a merge if the unit is free and one is requested; a second one cannot start in the same cycle.
  std::optional<MergeRequest> start();
  // Ends the merge in hand.
  void end() { state_.busy = false; }
  // At the end of a cycle the requests that it leaves join the row: oldest query first, after all earlier ones.
  void end_cycle();

  void describe(StateCodec& v);

 private:
  CoreContext& core_;
  MergeState state_;
  std::vector<MergeRequest> of_cycle_;
};

}  // namespace capcam::fast
