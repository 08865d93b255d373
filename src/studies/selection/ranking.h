// The keys of one query in order, and the part of them that a two-stage selection keeps.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/placement.h"

namespace capcam {

struct ScoredKey {
  std::uint32_t key = 0;
  double score = 0.0;
};

// Sorts best first, equal scores by lower key first. It is the machine's order (kernels/selection.h).
void rank(std::vector<ScoredKey>& keys);

// Returns the place of each ranked key among the ranked keys of its tile; 0 is the tile's best.
std::vector<std::uint32_t> places_in_tiles(std::span<const ScoredKey> ranked, const Placement& placement);

// The part of the n best keys that is left when only tile_k of each tile go on (tile_k = 0: all).
struct Kept {
  std::uint32_t top = 0;            // min(n, keys)
  std::uint32_t of_top = 0;         // kept keys that are among the n best
  std::uint32_t of_top_scores = 0;  // kept keys whose score is among the n best, whichever of equal keys they are
  double weight = 0.0;              // sum of exp(scale * (score - best)) over the kept keys
  double top_weight = 0.0;          // the same sum over the n best keys
};
Kept keep(std::span<const ScoredKey> ranked, std::span<const std::uint32_t> places, std::uint32_t tile_k,
          std::uint32_t n, double scale);

// Returns the pairs of neighbouring keys among the n best over the pairs expected of n uniformly scattered keys.
// Neighbours are keys with no valid key between them. `valid` must ascend.
double neighbour_ratio(std::span<const ScoredKey> ranked, std::span<const std::uint32_t> valid, std::uint32_t n);

}  // namespace capcam
