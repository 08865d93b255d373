// A key with its score, and the order in which keys are kept.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace capcam {

struct Candidate {
  std::int32_t score = 0;
  std::uint32_t key = 0;
  friend bool operator==(const Candidate&, const Candidate&) = default;
};

// Returns true if a is kept before b.
inline bool better(const Candidate& a, const Candidate& b) {
  return a.score != b.score ? a.score > b.score : a.key < b.key;
}

}  // namespace capcam
