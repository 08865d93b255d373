// What of a query's data decides times: which candidates its merges drop, how long a ramp takes for its tiles.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "engines/fast/core.h"
#include "engines/fast/machine.h"
#include "engines/fast/tile_scores.h"
#include "workload/workload.h"

namespace capcam::fast {

// Keeps the latest few heads, as cores work on one head each.
class DataFinder {
 public:
  // `wants_keys`: which keys a query's bursts are for is asked too.
  DataFinder(const Workload& workload, const Config& config, const Machine& machine, bool wants_keys = false);
  QueryData operator()(std::uint32_t head, std::uint32_t query);

 private:
  void convert(std::uint32_t tile, const ValidKeys& valid, std::vector<TileConversion>& conversions) const;
  const Head& head(std::uint32_t index);

  struct Loaded {
    std::uint32_t index = 0;
    std::uint64_t used = 0;
    std::shared_ptr<const Head> head;
  };
  const Workload& workload_;
  const Machine& machine_;
  const bool wants_keys_;
  SensingParams sensing_;
  std::uint32_t tile_k_;
  TileScores tile_scores_;
  std::vector<RandomArrays> random_;  // of each core; empty: codes depend on match counts alone
  std::vector<Loaded> loaded_;
  std::uint64_t uses_ = 0;
  TileScores::Scratch scratch_;
};

}  // namespace capcam::fast
