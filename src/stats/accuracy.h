// How good the attention output still is, against two references computed from the same trace: `exact` (full-precision
// softmax attention) and `ideal` (one-bit queries and keys, ideal sensing, single-stage selection, fp32).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <unordered_map>
#include <vector>

#include "stats/result_sink.h"
#include "stats/score_histogram.h"
#include "workload/workload.h"

namespace capcam {

// Means over the measured queries, none of them empty; worst_head_cosine is the lowest of the heads' mean cosines.
struct AccuracyFigures {
  double selection_recall = 0.0;  // share of the reference's min(N, valid keys) best keys that were kept
  double cosine = 0.0;            // of the output vectors
  double relative_l2 = 0.0;       // |out - ref| / |ref|
  double worst_head_cosine = 0.0;
};

// Of one head; worst_head_cosine is its own mean cosine.
struct HeadAccuracy {
  std::uint64_t measured_queries = 0;
  AccuracyFigures exact;
  AccuracyFigures ideal;
};

struct Accuracy {
  double share = 0.0;                  // of the queries that was asked for; 0: not measured
  std::uint64_t measured_queries = 0;  // that entered the means: picked by the share, and not empty
  std::uint64_t empty_queries = 0;     // of all queries, not only the measured
  AccuracyFigures exact;
  AccuracyFigures ideal;
  std::vector<HeadAccuracy> heads;     // as in the workload
  std::vector<ScoreHistogram> scores;  // one a layer, of the measured queries
  std::int32_t scores_per_match = 1;   // the unit of the errors in `scores`
};

// Sees every result of a run, in any order of heads, and compares those that the share picks: flat query index i
// (head index * queries + query) if floor((i + 1) * share) > floor(i * share); a share of less than one query, above 0,
// picks the last. Memory is bounded by the keys and values
// of at most 16 heads (cores and threads work on different heads in turn) and the scores of the queries being examined.
class AccuracyMeter final : public ResultSink {
 public:
  // The workload must outlive the meter.
  AccuracyMeter(const Workload& workload, const Config& config, double share);
  void examine(const QueryResult& result) override;
  void take(const QueryResult& result) override;
  Accuracy result() const;

 private:
  // Of one query, or summed over the queries of a head.
  struct Figures {
    double recall_exact = 0.0, cosine_exact = 0.0, l2_exact = 0.0;
    double recall_ideal = 0.0, cosine_ideal = 0.0, l2_ideal = 0.0;
    void add(const Figures& other);
    AccuracyFigures exact(double queries) const;  // their means
    AccuracyFigures ideal(double queries) const;
  };
  struct HeadSums {
    std::uint64_t queries = 0;
    Figures sum;
  };
  struct LoadedHead;
  bool picked(const QueryResult& result) const;
  std::uint64_t index(const QueryResult& result) const;
  Figures compare(const QueryResult& result);
  void count_scores(const QueryResult& result, std::span<const std::uint32_t> matches, const ValidKeys& valid);
  std::shared_ptr<const LoadedHead> load(std::uint32_t head);

  const Workload* workload_;
  Config config_;
  double share_;         // as asked for
  double picked_share_;  // at least one query, if any
  std::uint64_t empty_queries_ = 0;
  std::vector<HeadSums> heads_;
  std::int32_t scores_per_match_;

  std::mutex mutex_;                                       // of what follows
  std::vector<std::shared_ptr<const LoadedHead>> loaded_;  // latest use first
  std::unordered_map<std::uint64_t, Figures> examined_;    // by index, not taken yet
  std::vector<ScoreHistogram> scores_;                     // one a layer
};

// Cosine of two vectors: 1 if both are zero, 0 if one is.
double cosine(std::span<const float> output, std::span<const double> reference);

// |output - reference| / |reference|. Against a zero reference: 0 if the output is zero too, else 1.
double relative_l2(std::span<const float> output, std::span<const double> reference);

}  // namespace capcam
