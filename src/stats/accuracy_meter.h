// Compares the results of a run with the two references of capcam/accuracy.h.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "capcam/accuracy.h"
#include "capcam/config.h"
#include "capcam/result_sink.h"
#include "stats/block_accuracy.h"
#include "stats/measured_heads.h"
#include "stats/query_sample.h"
#include "workload/workload.h"

namespace capcam {

// Sees every result of a run, in any order, and compares those that a QuerySample picks, a block of a head's picks at a
// time: in the thread that hands over the last of them, in examine() if that is called, else in take(). The figures
// depend neither on the order nor on threads. Memory is bounded by the keys and values of the heads that are worked on
// (MeasuredHeads) and the results and scores of the blocks that are open.
class AccuracyMeter final : public ResultSink {
 public:
  // The workload must outlive the meter.
  AccuracyMeter(const Workload& workload, const Config& config, double share);
  void examine(const QueryResult& result) override;
  void take(const QueryResult& result) override;
  // Compares what is left. Must be called when all results were taken.
  Accuracy result();

 private:
  struct Head {
    std::mutex mutex;                // guards what follows
    std::vector<bool> put;           // picks whose results are there; empty if there are none yet
    std::vector<AccuracySums> sums;  // sums of the blocks that were compared; empty if there are none yet
    std::map<std::uint32_t, std::shared_ptr<QueryBlock>> open;
  };
  void put(const QueryResult& result);
  void compare(std::uint32_t head, std::uint32_t block, const QueryBlock& results);

  const Workload& workload_;
  std::uint32_t n_;
  double share_;  // the share that was asked for
  QuerySample sample_;
  std::uint32_t block_queries_;
  std::int32_t scores_per_match_;
  std::uint64_t empty_queries_ = 0;
  std::vector<Head> heads_;
  MeasuredHeads measured_;

  std::mutex mutex_;  // guards what follows
  std::vector<std::unique_ptr<BlockAccuracy>> idle_;
  std::vector<ScoreHistogram> scores_;  // one per layer
};

}  // namespace capcam
