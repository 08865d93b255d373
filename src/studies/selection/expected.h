// The published estimate of what a two-stage selection keeps: the top keys are scattered uniformly over the tiles.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

namespace capcam {

// The expected share of a query's n best keys (all of them if there are fewer) that are left when only the best tile_k
// of each tile go on; tile_k = 0: all go on. `valid` is the number of the query's valid keys in each tile. The top keys
// in a tile of v are hypergeometric: E[min(X, tile_k)], X from (sum of v, n, v), summed over tiles.
double expected_recall(std::span<const std::uint32_t> valid, std::uint32_t tile_k, std::uint32_t n);

// The same with every key valid, in tiles of `rows`.
double expected_recall(std::uint32_t keys, std::uint32_t rows, std::uint32_t tile_k, std::uint32_t n);

}  // namespace capcam
