// Keeps the best keys: the highest scores, of equal scores the lower key index.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "capcam/candidate.h"
#include "kernels/valid_keys.h"

namespace capcam {

// Sorts best first and keeps at most n.
void keep_best(std::vector<Candidate>& candidates, std::uint32_t n);

// The first stage appends the best tile_k (0: all) of a tile's valid keys, best first. scores[i] is that of keys[i].
void best_of_tile(std::span<const std::int32_t> scores, const TileKeys& keys, const ValidKeys& valid,
                  std::uint32_t tile_k, std::vector<Candidate>& out);

}  // namespace capcam
