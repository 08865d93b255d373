// The published estimate of what a two-stage selection keeps, which assumes top keys scattered uniformly over tiles.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

namespace capcam {

// Returns the expected share of a query's n best keys (of all its keys if there are fewer) that are left when only the
// best tile_k of each tile go on (tile_k = 0: all). `valid` has the number of valid keys in each tile. X, the top keys
// in a tile of v, is hypergeometric (sum of all v, n, v); E[min(X, tile_k)] is summed over tiles.
double expected_recall(std::span<const std::uint32_t> valid, std::uint32_t tile_k, std::uint32_t n);

// Returns the same for keys that are all valid, in tiles of `rows`.
double expected_recall(std::uint32_t keys, std::uint32_t rows, std::uint32_t tile_k, std::uint32_t n);

}  // namespace capcam
