// The comparison of a block of queries of one head with both references.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "capcam/score_histogram.h"
#include "stats/accuracy_sums.h"
#include "stats/exact_attention.h"
#include "stats/ideal_attention.h"
#include "stats/level_counts.h"
#include "stats/query_block.h"
#include "stats/reference.h"
#include "workload/workload.h"

namespace capcam {

// The data that both references need of a key/value head; query heads of a group share it.
struct MeasuredHead {
  MeasuredHead(const Workload& workload, const HeadId& id, std::uint32_t n);
  ReferenceKeys keys;
  IdealAttention ideal;

 private:
  MeasuredHead(const Workload& workload, const HeadId& id, std::uint32_t n, BitRows key_bits);
};

// Keeps its memory from block to block; a thread needs one of its own.
class BlockAccuracy {
 public:
  BlockAccuracy(const Workload& workload, std::uint32_t n, std::int32_t scores_per_match);

  // `queries` are those of the block's places. Queries without keys, and places that were not put, are left out.
  AccuracySums compare(const MeasuredHead& head, const HeadId& id, std::span<const std::uint32_t> queries,
                       const QueryBlock& block);
  // Returns the match counts of the queries of the last compare().
  const ScoreHistogram& scores() const { return scores_; }

 private:
  void count_scores(std::span<const Candidate> kept);

  const Workload& workload_;
  std::uint32_t n_;
  std::int32_t scores_per_match_;
  ExactAttention exact_;
  IdealAttention::Result ideal_;
  ScoreHistogram scores_;
  LevelCounts levels_;
  std::vector<std::uint32_t> places_, queries_;
  std::vector<ValidKeys> valid_;
};

}  // namespace capcam
