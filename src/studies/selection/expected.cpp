// SPDX-License-Identifier: Apache-2.0
#include "studies/selection/expected.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <vector>

namespace capcam {
namespace {

double log_choose(std::uint32_t n, std::uint32_t k) {  // k <= n
  return std::lgamma(n + 1.0) - std::lgamma(k + 1.0) - std::lgamma(n - k + 1.0);
}

// Returns E[min(X, most)] = most - sum of P(X = x) (most - x); X counts top keys among `drawn` of `all`, `top` are top.
double expected_kept(std::uint32_t all, std::uint32_t top, std::uint32_t drawn, std::uint32_t most) {
  double kept = most;
  for (std::uint32_t x = 0; x < most; ++x) {
    if (x > top || x > drawn || drawn - x > all - top) continue;  // is impossible
    kept -= (most - x) * std::exp(log_choose(top, x) + log_choose(all - top, drawn - x) - log_choose(all, drawn));
  }
  return kept;
}

}  // namespace

double expected_recall(std::span<const std::uint32_t> valid, std::uint32_t tile_k, std::uint32_t n) {
  const std::uint32_t all = std::accumulate(valid.begin(), valid.end(), std::uint32_t{0});
  const std::uint32_t top = std::min(n, all);
  if (tile_k == 0 || top == 0) return 1.0;
  std::map<std::uint32_t, double> of_tile;  // by the tile's number of valid keys, which most tiles share
  double kept = 0.0;
  for (const std::uint32_t drawn : valid) {
    if (drawn == 0) continue;
    const auto [found, added] = of_tile.try_emplace(drawn, 0.0);
    if (added) found->second = expected_kept(all, top, drawn, std::min({tile_k, drawn, top}));
    kept += found->second;
  }
  return kept / top;
}

double expected_recall(std::uint32_t keys, std::uint32_t rows, std::uint32_t tile_k, std::uint32_t n) {
  std::vector<std::uint32_t> valid;
  for (std::uint32_t first = 0; first < keys; first += rows) valid.push_back(std::min(rows, keys - first));
  return expected_recall(valid, tile_k, n);
}

}  // namespace capcam
