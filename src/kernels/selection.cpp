// SPDX-License-Identifier: Apache-2.0
#include "kernels/selection.h"

#include <algorithm>

namespace capcam {
namespace {

// Up to this many candidates of a tile an insertion into a short sorted list beats sorting the tile.
constexpr std::uint32_t insertion_limit = 16;

void insert_best(std::span<const std::int32_t> scores, std::uint32_t first_key, const ValidKeys& valid,
                 std::uint32_t tile_k, std::vector<Candidate>& out) {
  const std::size_t base = out.size();
  for (std::uint32_t i = 0; i < scores.size(); ++i) {
    const Candidate candidate{scores[i], first_key + i};
    const bool full = out.size() - base == tile_k;
    // Keys come in ascending order, so an equal score never displaces what is there.
    if ((full && candidate.score <= out.back().score) || !valid(candidate.key)) continue;
    if (full) out.pop_back();
    std::size_t place = out.size();
    while (place > base && out[place - 1].score < candidate.score) --place;
    out.insert(out.begin() + static_cast<std::ptrdiff_t>(place), candidate);
  }
}

}  // namespace

void keep_best(std::vector<Candidate>& candidates, std::uint32_t n) {
  if (candidates.size() > n) {
    std::nth_element(candidates.begin(), candidates.begin() + n, candidates.end(), better);
    candidates.resize(n);
  }
  std::sort(candidates.begin(), candidates.end(), better);
}

void best_of_tile(std::span<const std::int32_t> scores, std::uint32_t first_key, const ValidKeys& valid,
                  std::uint32_t tile_k, std::vector<Candidate>& out) {
  if (tile_k != 0 && tile_k <= insertion_limit) return insert_best(scores, first_key, valid, tile_k, out);
  const auto base = static_cast<std::ptrdiff_t>(out.size());
  for (std::uint32_t i = 0; i < scores.size(); ++i) {
    if (valid(first_key + i)) out.push_back({scores[i], first_key + i});
  }
  std::sort(out.begin() + base, out.end(), better);
  if (tile_k != 0 && out.size() > static_cast<std::size_t>(base) + tile_k) {
    out.resize(static_cast<std::size_t>(base) + tile_k);
  }
}

}  // namespace capcam
