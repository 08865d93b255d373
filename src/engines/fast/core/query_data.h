// The part of a query's data that its timing depends on: which candidates its merges drop and how long the
// conversions of its tiles take.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "capcam/converter.h"

namespace capcam::fast {

// Merge number `merge` of a query drops `rows` candidates of the tile that was written as number `burst`.
struct Drop {
  std::uint32_t merge = 0;
  std::uint32_t burst = 0;
  std::uint32_t rows = 0;
};

// The keys whose value rows a query asks for, and those of them that it drops.
struct BurstKeys {
  std::vector<std::vector<std::uint32_t>> bursts;   // per tile; a single one if only the kept keys are fetched
  std::vector<std::vector<std::uint32_t>> dropped;  // per entry of QueryData::drops
};

struct QueryData {
  std::vector<Drop> drops;              // drops in the order of merges
  std::vector<Conversion> conversions;  // [tile of the head][segment]; empty if they do not depend on the data
  BurstKeys keys;                       // is filled for a log only
};

// Finds the data of a query; both numbers are as in the workload.
using DataSource = std::function<QueryData(std::uint32_t head, std::uint32_t query)>;

// A core without a DataSource throws this when its times depend on which candidates are dropped.
struct NeedsData {};

}  // namespace capcam::fast
