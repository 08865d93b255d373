// Finds the part of a query's data that its timing depends on (core/query_data.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "engines/fast/core/query_data.h"
#include "engines/fast/results/tile_scores.h"
#include "engines/fast/schedule/timing_rules.h"
#include "kernels/tile_selection.h"
#include "workload/workload.h"

namespace capcam::fast {

// It keeps the latest few heads, as each core works on one head.
class DataFinder {
 public:
  // If `wants_keys`, the keys of a query's bursts are found, too.
  DataFinder(const Workload& workload, const Config& config, const TimingRules& rules, bool wants_keys = false);
  QueryData operator()(std::uint32_t head, std::uint32_t query);

 private:
  void convert(std::uint32_t tile, const ValidKeys& valid, std::vector<Conversion>& conversions) const;
  const Head& head(std::uint32_t index);

  struct Loaded {
    std::uint32_t index = 0;
    std::uint64_t used = 0;
    std::shared_ptr<const Head> head;
  };
  const Workload& workload_;
  const TimingRules& rules_;
  const bool wants_keys_;
  ConfiguredTileSelection rule_;
  TileScores tile_scores_;
  std::vector<RandomArrays> random_;  // arrays of each core; empty if codes depend on match counts alone
  std::vector<Loaded> loaded_;
  std::uint64_t uses_ = 0;
  TileScores::Scratch scratch_;
};

}  // namespace capcam::fast
