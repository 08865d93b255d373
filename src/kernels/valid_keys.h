// The keys that a query may keep, by key-padding mask, causality and sliding window.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "kernels/placement.h"

namespace capcam {

// The valid keys of one query: those of [begin, end) that the mask lets through.
class ValidKeys {
 public:
  ValidKeys(std::uint32_t begin, std::uint32_t end, const std::uint64_t* mask)
      : begin_(begin), end_(end), mask_(mask) {}

  // Those of them in [first, last).
  ValidKeys within(std::uint32_t first, std::uint32_t last) const {
    first = std::max(first, begin_);
    return {first, std::max(first, std::min(last, end_)), mask_};
  }
  std::uint32_t begin() const { return begin_; }
  std::uint32_t end() const { return end_; }
  bool operator()(std::uint32_t key) const {
    return key >= begin_ && key < end_ && (mask_ == nullptr || ((mask_[key / 64] >> (key % 64)) & 1u) != 0);
  }
  // Returns the number of valid keys in [first, last).
  std::uint32_t count(std::uint32_t first, std::uint32_t last) const {
    first = std::max(first, begin_);
    last = std::min(last, end_);
    if (first >= last) return 0;
    return mask_ == nullptr ? last - first : count_masked(first, last);
  }
  // Returns the number of valid keys of a tile.
  std::uint32_t count(const TileKeys& keys) const {
    if (keys.step == 1) return count(keys.first, keys.first + keys.count);
    const std::uint32_t first = keys.rows_below(begin_), last = keys.rows_below(end_);
    return mask_ == nullptr ? last - first : count_masked(keys.part(first, last - first));
  }
  bool any(std::uint32_t first, std::uint32_t last) const { return count(first, last) > 0; }
  bool any(const TileKeys& keys) const { return count(keys) > 0; }
  // Returns true if every key of [first, last) is valid.
  bool all(std::uint32_t first, std::uint32_t last) const { return count(first, last) == last - first; }
  bool all(const TileKeys& keys) const { return count(keys) == keys.count; }
  // Calls `call` for every key of [begin, end) that the mask keeps out, in order.
  template <class Call>
  void for_each_masked(const Call& call) const {
    if (mask_ == nullptr) return;
    for (std::uint32_t first = begin_ / 64 * 64; first < end_; first += 64) {
      for (std::uint64_t out = ~mask_[first / 64]; out != 0; out &= out - 1) {
        const std::uint32_t key = first + static_cast<std::uint32_t>(std::countr_zero(out));
        if (key >= begin_ && key < end_) call(key);
      }
    }
  }

 private:
  std::uint32_t count_masked(std::uint32_t first, std::uint32_t last) const;  // first < last
  std::uint32_t count_masked(const TileKeys& keys) const;                     // all in [begin, end)

  std::uint32_t begin_;
  std::uint32_t end_;          // equals begin_ if no key is valid
  const std::uint64_t* mask_;  // one bit per key; null if all are valid
};

struct ValidKeyRule {
  std::uint32_t keys = 0;
  bool causal = false;
  std::uint64_t query_offset = 0;                          // position of query 0
  std::optional<std::uint64_t> window;                     // positions
  std::shared_ptr<const std::vector<std::uint64_t>> mask;  // one bit per key; null if all are valid

  ValidKeys operator()(std::uint32_t query) const;
  // Returns the keys that exist when a decoder is at this query: with causality those up to its position, else all.
  std::uint32_t there(std::uint32_t query) const;
};

}  // namespace capcam
