// SPDX-License-Identifier: Apache-2.0
#include "kernels/selection.h"

#include <algorithm>
#include <array>

namespace capcam {
namespace {

// Up to this many candidates per tile, insertion into a short sorted list is faster than sorting the tile.
constexpr std::uint32_t insertion_limit = 16;

template <bool check_valid>
void insert_best(std::span<const std::int32_t> scores, const TileKeys& keys, const ValidKeys& valid,
                 std::uint32_t tile_k, std::vector<Candidate>& out) {
  std::array<Candidate, insertion_limit> best;  // sorted, best first
  std::uint32_t count = 0;
  for (std::uint32_t i = 0; i < scores.size(); ++i) {
    const std::int32_t score = scores[i];
    // Keys come in ascending order, so an equal score never displaces a candidate.
    if (count == tile_k && score <= best[count - 1].score) continue;
    if (check_valid && !valid(keys[i])) continue;
    std::uint32_t place = count < tile_k ? count++ : count - 1;
    for (; place > 0 && best[place - 1].score < score; --place) best[place] = best[place - 1];
    best[place] = {score, keys[i]};
  }
  out.insert(out.end(), best.begin(), best.begin() + count);
}

// Finds the two best of a tile whose keys are all valid, the usual case. No branch depends on the scores, which could
// not be predicted. The larger number is the better candidate.
void insert_best_two(std::span<const std::int32_t> scores, const TileKeys& keys, std::vector<Candidate>& out) {
  constexpr std::int64_t row_mask = 0xffffffff;
  const auto number = [&](std::size_t row) {
    return std::int64_t{scores[row]} * (row_mask + 1) + (row_mask - static_cast<std::int64_t>(row));
  };
  std::int64_t first = std::max(number(0), number(1)), second = std::min(number(0), number(1));
  for (std::size_t row = 2; row < scores.size(); ++row) {
    const std::int64_t next = number(row);
    second = std::max(second, std::min(first, next));
    first = std::max(first, next);
  }
  for (const std::int64_t best : {first, second})
    out.push_back(
        {static_cast<std::int32_t>(best >> 32), keys[static_cast<std::uint32_t>(row_mask - (best & row_mask))]});
}

}  // namespace

void keep_best(std::vector<Candidate>& candidates, std::uint32_t n) {
  if (candidates.size() > n) {
    std::nth_element(candidates.begin(), candidates.begin() + n, candidates.end(), better);
    candidates.resize(n);
  }
  std::sort(candidates.begin(), candidates.end(), better);
}

void best_of_tile(std::span<const std::int32_t> scores, const TileKeys& keys, const ValidKeys& valid,
                  std::uint32_t tile_k, std::vector<Candidate>& out) {
  if (tile_k != 0 && tile_k <= insertion_limit) {
    const bool all_valid = valid.all(keys);
    if (all_valid && tile_k == 2 && scores.size() >= 2) return insert_best_two(scores, keys, out);
    return all_valid ? insert_best<false>(scores, keys, valid, tile_k, out)
                     : insert_best<true>(scores, keys, valid, tile_k, out);
  }
  const auto base = static_cast<std::ptrdiff_t>(out.size());
  for (std::uint32_t i = 0; i < scores.size(); ++i) {
    if (valid(keys[i])) out.push_back({scores[i], keys[i]});
  }
  std::sort(out.begin() + base, out.end(), better);
  if (tile_k != 0 && out.size() > static_cast<std::size_t>(base) + tile_k) {
    out.resize(static_cast<std::size_t>(base) + tile_k);
  }
}

}  // namespace capcam
