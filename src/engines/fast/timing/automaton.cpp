// SPDX-License-Identifier: Apache-2.0
#include "engines/fast/timing/automaton.h"

#include <utility>

namespace capcam::fast {
namespace {

std::uint64_t hash_of(const std::vector<std::int64_t>& numbers) {
  std::uint64_t hash = numbers.size();
  for (const std::int64_t number : numbers) {
    hash = (hash ^ static_cast<std::uint64_t>(number)) * 0xff51afd7ed558ccdu;
    hash ^= hash >> 32;
  }
  return hash;
}

}  // namespace

std::uint32_t Automaton::find_or_add(SavedState&& saved) {
  const std::uint64_t hash = hash_of(saved.numbers);
  const auto [first, last] = by_hash_.equal_range(hash);
  for (auto known = first; known != last; ++known) {
    if (states_[known->second].saved.numbers == saved.numbers) return known->second;
  }
  const auto number = static_cast<std::uint32_t>(states_.size());
  stored_ += saved.numbers.size() + 32;
  states_.push_back({std::move(saved), {}});
  by_hash_.emplace(hash, number);
  return number;
}

Transition* Automaton::find(std::uint32_t state, const std::vector<std::uint64_t>& following) {
  for (Transition& transition : states_[state].transitions) {
    if (transition.following == following) return &transition;
  }
  return nullptr;
}

Transition& Automaton::add(std::uint32_t state, Transition&& transition) {
  stored_ += transition.following.size() + 2 * transition.record.completed.size() + 100;
  return states_[state].transitions.emplace_back(std::move(transition));
}

void Automaton::settle(Tally& total) {
  for (State& state : states_) {
    for (Transition& transition : state.transitions) {
      transition.record.tally.add_to(total, std::exchange(transition.uses, 0));
    }
  }
}

void Automaton::clear() {
  states_.clear();
  by_hash_.clear();
  stored_ = 0;
}

}  // namespace capcam::fast
