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

// The first stage appends the best tile_k (0: all) of the valid keys first_key + i with scores[i], best first.
void best_of_tile(std::span<const std::int32_t> scores, std::uint32_t first_key, const ValidKeys& valid,
                  std::uint32_t tile_k, std::vector<Candidate>& out);

}  // namespace capcam
