// SPDX-License-Identifier: Apache-2.0
#include "kernels/valid_keys.h"

#include <algorithm>
#include <bit>
#include <limits>

namespace capcam {
namespace {

// Returns a sum that saturates, because positions come from the user's trace and may have any size.
std::uint64_t saturating_add(std::uint64_t a, std::uint64_t b) {
  return a > std::numeric_limits<std::uint64_t>::max() - b ? std::numeric_limits<std::uint64_t>::max() : a + b;
}

}  // namespace

std::uint32_t ValidKeys::count_masked(std::uint32_t first, std::uint32_t last) const {
  const std::uint32_t last_word = (last - 1) / 64;
  std::uint32_t total = 0;
  for (std::uint32_t word = first / 64; word <= last_word; ++word) {
    std::uint64_t bits = mask_[word];
    if (word == first / 64) bits &= ~std::uint64_t{0} << (first % 64);
    if (word == last_word) bits &= ~std::uint64_t{0} >> (63 - (last - 1) % 64);
    total += static_cast<std::uint32_t>(std::popcount(bits));
  }
  return total;
}

std::uint32_t ValidKeys::count_masked(const TileKeys& keys) const {
  std::uint32_t total = 0;
  for (std::uint32_t row = 0; row < keys.count; ++row) {
    const std::uint32_t key = keys[row];
    total += static_cast<std::uint32_t>((mask_[key / 64] >> (key % 64)) & 1u);
  }
  return total;
}

std::uint32_t ValidKeyRule::there(std::uint32_t query) const {
  if (!causal) return keys;
  return static_cast<std::uint32_t>(
      std::min<std::uint64_t>(keys, saturating_add(saturating_add(query_offset, query), 1)));
}

ValidKeys ValidKeyRule::operator()(std::uint32_t query) const {
  const std::uint64_t position = saturating_add(query_offset, query);
  std::uint64_t begin = 0;
  std::uint64_t end = keys;
  if (causal) end = std::min(end, saturating_add(position, 1));
  if (window) {
    // A query looks back at key > position - window and, unless causal, forward at key < position + window.
    if (position >= *window) begin = position - *window + 1;
    end = std::min(end, saturating_add(position, *window));
    if (*window == 0) begin = end;
  }
  if (begin >= end) return ValidKeys(0, 0, nullptr);
  return ValidKeys(static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end), mask ? mask->data() : nullptr);
}

}  // namespace capcam
