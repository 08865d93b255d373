// The n best of the scores of a query, which are seen a piece at a time: higher scores, of equal ones those of lower
// keys. It is exact and keeps no more than some 2 n of them between pieces.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace capcam {

// Keeps its memory from query to query.
class BestScores {
 public:
  // Begins with no score. Of n = 0 all scores are ignored.
  void begin(std::uint32_t n);
  // Adds the scores of the keys from `key` on, a multiple of 64 of them, -infinity where a key is not valid. Keys must
  // ascend from call to call.
  void add(std::span<const double> scores, std::uint32_t key);
  // Returns the keys of the n best (fewer if fewer valid keys were added) in ascending order.
  std::span<const std::uint32_t> keys();

 private:
  double bound_of(std::span<const double> scores) const;
  void drop_below(double least);
  void keep_best();

  std::uint32_t n_ = 0;
  double least_ = 0.0;     // scores to come that do not reach it are not among the best
  bool bounded_ = false;   // at least n scores are known, all above or at least_ or just below it
  std::size_t count_ = 0;  // scores that are kept
  std::vector<double> scores_, ranked_;
  std::vector<std::uint32_t> keys_;
};

}  // namespace capcam
