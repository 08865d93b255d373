// Times once worked out are used again: a core's states when a group enters, each kept once, and what happens from one
// to the next. Where times do not depend on data, the queries of a head soon go round in a few states.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "engines/fast/core_state.h"
#include "engines/fast/tally.h"

namespace capcam::fast {

// What happens from one state until another group waits. Queries, groups and times are relative to the first state's.
struct Transition {
  std::vector<std::uint64_t> following;  // kinds of the groups that enter: empty ones and one that is not
  std::uint32_t next = 0;                // state
  Cycle cycles = 0;
  Record record;
  std::uint64_t uses = 0;
};

class Automaton {
 public:
  // The number of this state, new or known.
  std::uint32_t find_or_add(SavedState&& saved);
  const SavedState& saved(std::uint32_t state) const { return states_[state].saved; }
  Transition* find(std::uint32_t state, const std::vector<std::uint64_t>& following);
  Transition& add(std::uint32_t state, Transition&& transition);

  bool large() const { return stored_ > stored_limit; }
  // Adds up what the transitions were used for.
  void settle(Tally& total);
  void clear();

 private:
  static constexpr std::size_t stored_limit = std::size_t{1} << 24;  // numbers, 128 MiB
  struct State {
    SavedState saved;
    std::vector<Transition> transitions;
  };
  std::vector<State> states_;
  std::unordered_multimap<std::uint64_t, std::uint32_t> by_hash_;
  std::size_t stored_ = 0;
};

}  // namespace capcam::fast
