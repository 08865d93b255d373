// Uses times again that were worked out once. It keeps each state of a core in which a group enters once, with what
// happens from one state to the next. Where times do not depend on data, the queries of a head soon go round in a few
// states.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "engines/fast/core/state_codec.h"
#include "engines/fast/core/tally.h"

namespace capcam::fast {

// The events from one state until another group waits. Queries, groups and times are relative to the first state's.
struct Transition {
  std::vector<std::uint64_t> following;  // kinds of the groups that enter: empty ones, then one that is not empty
  std::uint32_t next = 0;                // state
  Cycle cycles = 0;
  Record record;
  std::uint64_t uses = 0;
};

class Automaton {
 public:
  // Returns the number of this state, new or known.
  std::uint32_t find_or_add(SavedState&& saved);
  const SavedState& saved(std::uint32_t state) const { return states_[state].saved; }
  Transition* find(std::uint32_t state, const std::vector<std::uint64_t>& following);
  Transition& add(std::uint32_t state, Transition&& transition);

  bool large() const { return stored_ > stored_limit; }
  // Adds the tallies of the transitions to `total`, each as often as it was used.
  void settle(Tally& total);
  void clear();

 private:
  static constexpr std::size_t stored_limit = std::size_t{1} << 24;  // numbers that states may hold together, 128 MiB
  struct State {
    SavedState saved;
    std::vector<Transition> transitions;
  };
  std::vector<State> states_;
  std::unordered_multimap<std::uint64_t, std::uint32_t> by_hash_;
  std::size_t stored_ = 0;
};

}  // namespace capcam::fast
