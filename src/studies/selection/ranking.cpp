// SPDX-License-Identifier: Apache-2.0
#include "studies/selection/ranking.h"

#include <algorithm>
#include <cmath>

namespace capcam {

void rank(std::vector<ScoredKey>& keys) {
  std::sort(keys.begin(), keys.end(), [](const ScoredKey& a, const ScoredKey& b) {
    return a.score != b.score ? a.score > b.score : a.key < b.key;
  });
}

std::vector<std::uint32_t> places_in_tiles(std::span<const ScoredKey> ranked, const Placement& placement) {
  std::vector<std::uint32_t> taken(placement.tiles(), 0), places;
  places.reserve(ranked.size());
  for (const ScoredKey& key : ranked) places.push_back(taken[placement.place(key.key).tile]++);
  return places;
}

Kept keep(std::span<const ScoredKey> ranked, std::span<const std::uint32_t> places, std::uint32_t tile_k,
          std::uint32_t n, double scale) {
  Kept kept;
  kept.top = std::min(n, static_cast<std::uint32_t>(ranked.size()));
  if (kept.top == 0) return kept;
  const double worst = ranked[kept.top - 1].score;  // the worst of the n best
  std::uint32_t better = 0;                         // keys above it; the other top keys have this score
  while (ranked[better].score > worst) ++better;
  const auto weight = [&](const ScoredKey& key) { return std::exp(scale * (key.score - ranked[0].score)); };
  for (std::uint32_t i = 0; i < kept.top; ++i) kept.top_weight += weight(ranked[i]);

  std::uint32_t count = 0, equal = 0;
  for (std::uint32_t i = 0; i < ranked.size() && count < n; ++i) {
    if (tile_k > 0 && places[i] >= tile_k) continue;
    ++count;
    kept.weight += weight(ranked[i]);
    if (i < kept.top) ++kept.of_top;
    if (ranked[i].score > worst) ++kept.of_top_scores;
    if (ranked[i].score == worst) ++equal;
  }
  kept.of_top_scores += std::min(equal, kept.top - better);
  return kept;
}

double neighbour_ratio(std::span<const ScoredKey> ranked, std::span<const std::uint32_t> valid, std::uint32_t n) {
  const std::size_t top = std::min<std::size_t>(n, ranked.size());
  if (top < 2 || top == ranked.size()) return 1.0;
  std::vector<std::size_t> at;
  for (std::size_t i = 0; i < top; ++i)
    at.push_back(static_cast<std::size_t>(std::lower_bound(valid.begin(), valid.end(), ranked[i].key) - valid.begin()));
  std::sort(at.begin(), at.end());
  double pairs = 0.0;
  for (std::size_t i = 1; i < top; ++i) pairs += at[i] == at[i - 1] + 1 ? 1.0 : 0.0;
  // There are keys - 1 places for a pair, each with probability n (n - 1) / (keys (keys - 1)).
  const double expected = static_cast<double>(top) * static_cast<double>(top - 1) / static_cast<double>(ranked.size());
  return pairs / expected;
}

}  // namespace capcam
