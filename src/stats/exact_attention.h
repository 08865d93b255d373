// The reference `exact`: full-precision softmax attention of blocks of queries of one head. Scores are summed in double
// over dimensions in their order. Weights are fp32, exponentials good to 2^-23; weighted values are summed in fp32 over
// 128 keys and in double beyond them. Every figure is the same on every instruction set and in every block.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "capcam/candidate.h"
#include "kernels/simd/attention_block.h"
#include "kernels/valid_keys.h"
#include "stats/best_scores.h"
#include "stats/reference.h"

namespace capcam {

// Keeps its memory from block to block; a thread needs one of its own.
class ExactAttention {
 public:
  // Returns how many queries a block should have of which so many scores are kept each (score: all; attend: n): 64,
  // fewer if they would take more than 32 MiB, and at least 8. Keys and values are read once per block.
  static std::uint32_t block_queries(std::uint64_t kept_scores = 0);

  // Scores `queries`, [valid.size(), head_dim], against the keys that are valid for each.
  void score(const ReferenceKeys& head, std::span<const float> queries, std::span<const ValidKeys> valid, double scale);
  // Computes outputs and, if n > 0, which n keys are the best. Scores are forgotten.
  void attend(const ReferenceKeys& head, std::span<const float> queries, std::span<const ValidKeys> valid, double scale,
              std::uint32_t n = 0);

  // After score(), for query i of the block: scale * q . k of the keys from first_key() on; -infinity where a key is
  // not valid.
  std::span<const double> scores(std::size_t i) const {
    return std::span(scores_).subspan(i * row_, last_place_ - first_place_);
  }
  std::uint32_t first_key() const { return first_key_; }
  // [value_dim]; zero if no key is valid.
  std::span<const double> output(std::size_t i) const {
    return std::span(outputs_).subspan(i * value_stride_, value_dim_);
  }
  // After attend() with n > 0: returns the share of the min(n, valid keys) best keys of query i (the order of
  // selection: higher score, then lower key) that are in `kept`, all of them valid. At least one key must be valid.
  double recall(std::size_t i, std::span<const Candidate> kept);

 private:
  void begin(const ReferenceKeys& head, std::span<const ValidKeys> valid);
  void score_piece(const ReferenceKeys& head, std::span<const float> queries, double scale, std::size_t first,
                   std::size_t last);
  void clear_invalid(std::size_t i);
  void raise_top(std::size_t i);
  void add_values(const ReferenceKeys& head, std::size_t first, std::size_t count);
  void divide();

  std::vector<ValidKeys> valid_;
  std::uint32_t first_key_ = 0;
  std::size_t places_ = 0;  // of keys from first_key_ on, a multiple of simd::key_tile
  // The places whose scores are there.
  std::size_t first_place_ = 0, last_place_ = 0;
  std::size_t row_ = 0;  // from one query's scores to the next one's: no power of two, which would share cache sets
  std::uint32_t value_dim_ = 0, value_stride_ = 0;
  std::vector<double> scores_, outputs_;
  simd::DotScratch dot_scratch_;
  std::vector<float> weights_;
  std::vector<double> tops_, weight_sums_;  // weights are 2^(score * log2(e) - top), so far
  std::uint32_t n_ = 0;
  std::vector<BestScores> best_;      // of each query
  std::vector<std::uint64_t> marks_;  // a bit per key, 0 between calls
};

}  // namespace capcam
