// Compares the results of a run with the two references of capcam/accuracy.h.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <unordered_map>
#include <vector>

#include "capcam/accuracy.h"
#include "capcam/result_sink.h"
#include "workload/workload.h"

namespace capcam {

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
