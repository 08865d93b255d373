// Keeping the best keys: highest score first, equal scores keep the lower key index.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

namespace capcam {

struct Candidate {
  std::int32_t score = 0;
  std::uint32_t key = 0;
  friend bool operator==(const Candidate&, const Candidate&) = default;
};

// True if a is kept before b.
inline bool better(const Candidate& a, const Candidate& b) {
  return a.score != b.score ? a.score > b.score : a.key < b.key;
}

// Sorts best first and keeps at most n.
void keep_best(std::vector<Candidate>& candidates, std::uint32_t n);

}  // namespace capcam
