// The keys of one query, best first; and what a two-stage selection keeps of them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace capcam {

struct ScoredKey {
  std::uint32_t key = 0;
  double score = 0.0;
};

// Best first; equal scores: lower key first. The machine's order (kernels/selection.h).
void rank(std::vector<ScoredKey>& keys);

// The place of each ranked key among the keys of its tile: 0 is the tile's best.
std::vector<std::uint32_t> places_in_tiles(std::span<const ScoredKey> ranked, std::uint32_t rows);

// What is left of the n best keys when only tile_k of each tile go on (0: all).
struct Kept {
  std::uint32_t top = 0;            // min(n, keys)
  std::uint32_t of_top = 0;         // of the n best keys themselves
  std::uint32_t of_top_scores = 0;  // with a score among the n best: keys of equal score stand in for each other
  double weight = 0.0;              // sum of exp(scale * (score - best)) of what is kept
  double top_weight = 0.0;          // of the n best
};
Kept keep(std::span<const ScoredKey> ranked, std::span<const std::uint32_t> places, std::uint32_t tile_k,
          std::uint32_t n, double scale);

// Pairs of neighbouring keys among the n best, over those expected of n keys scattered uniformly: 1 is scattered.
// Neighbours are keys with no valid key between them; `valid` in ascending order.
double neighbour_ratio(std::span<const ScoredKey> ranked, std::span<const std::uint32_t> valid, std::uint32_t n);

}  // namespace capcam
