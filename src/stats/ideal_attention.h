// The reference `ideal`: the machine's own arithmetic (docs/timing.md says what it computes) with ideal sensing, a
// single-stage selection and fp32 throughout.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "capcam/candidate.h"
#include "kernels/bits.h"
#include "kernels/simd/search.h"
#include "kernels/softmax.h"
#include "kernels/valid_keys.h"
#include "stats/level_counts.h"
#include "stats/reference.h"

namespace capcam {

// What is prepared once per head. Any number of threads may attend.
class IdealAttention {
 public:
  // `values` are those of the head and must outlive this. n: keys that are kept.
  IdealAttention(BitRows key_bits, const ReferenceKeys& values, double score_scale, std::uint32_t n);

  // What one query gave, and the memory for it.
  class Result {
   public:
    std::vector<std::uint32_t> matches;  // of the kept keys, best first
    std::vector<std::uint32_t> keys;     // the n best valid keys (fewer if there are not so many), ties: lower key
    std::vector<float> output;           // [value_dim]; zero if no key is valid

    // 1 + matching bits, 0 if the key is not valid; of the keys from valid.begin() to valid.end() alone.
    std::uint32_t level(std::uint32_t key) const;
    // Adds the levels of all of these.
    void count_levels(LevelCounts& counts) const;
    // The share of `keys` that are in `kept`. At least one key must be valid.
    double recall(std::span<const Candidate> kept) const;

   private:
    friend IdealAttention;
    std::uint32_t first_ = 0, last_ = 0;  // keys
    std::size_t level_bytes_ = 1;         // of each level in search_.levels: 1, 2 or 4
    simd::Searcher::Scratch search_;
    std::vector<float> weights_;
  };
  void attend(const BitRows& query_bits, std::uint32_t query, const ValidKeys& valid, Result& result) const;

 private:
  void select(const BitRows& query_bits, std::uint32_t query, const ValidKeys& valid, Result& result) const;
  void select_plainly(const BitRows& query_bits, std::uint32_t query, const ValidKeys& valid, Result& result) const;

  const ReferenceKeys& values_;
  BitRows key_bits_;
  std::uint32_t n_;
  ExpTable table_;
  std::optional<simd::Searcher> searcher_;  // none: the head is too wide for it
};

}  // namespace capcam
