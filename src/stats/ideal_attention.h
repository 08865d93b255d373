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

// The part that is prepared once per head. Any number of threads may attend.
class IdealAttention {
 public:
  // `values` are those of the head and must outlive this object. n keys are kept.
  IdealAttention(BitRows key_bits, const ReferenceKeys& values, double score_scale, std::uint32_t n);

  // The results of one query, and the memory for them.
  class Result {
   public:
    std::vector<std::uint32_t> matches;  // match counts of the kept keys, best first
    std::vector<std::uint32_t> keys;     // the n best valid keys (fewer if there are not so many), ties: lower key
    std::vector<float> output;           // [value_dim]; zero if no key is valid

    // 1 + matching bits, 0 if the key is not valid, only for keys from valid.begin() to valid.end().
    std::uint32_t level(std::uint32_t key) const;
    // Adds the levels of all these keys.
    void count_levels(LevelCounts& counts) const;
    // Returns the share of `keys` that are in `kept`. At least one key must be valid.
    double recall(std::span<const Candidate> kept) const;

   private:
    friend IdealAttention;
    std::uint32_t first_ = 0, last_ = 0;  // keys
    std::size_t level_bytes_ = 1;         // bytes of each level in search_.levels: 1, 2 or 4
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
  std::optional<simd::Searcher> searcher_;  // absent if the head is too wide for it
};

}  // namespace capcam
