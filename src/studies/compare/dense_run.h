// The run of a dense unit on a trace: cycles of its stages, and actions that cost energy.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "studies/compare/dense_unit.h"
#include "workload/workload.h"

namespace capcam::baseline {

struct DenseCounts {
  std::uint64_t queries = 0;  // queries with a valid key
  std::uint64_t keys = 0;     // query-key pairs
  std::uint64_t query_elements = 0;
  std::uint64_t score_macs = 0, value_macs = 0;
  std::uint64_t key_rows = 0, value_rows = 0;    // rows read, each once for a block
  std::uint64_t folded_outputs = 0;              // output elements that a chunk's sum is added to
  std::uint64_t outputs = 0;                     // elements
  std::uint64_t key_bytes = 0, value_bytes = 0;  // loaded over DRAM into the SRAM
};

struct DenseRun {
  std::uint64_t cycles = 0;  // cycles until the last output is complete
  std::uint64_t first_query_latency = 0;
  std::uint64_t memory_cycles = 0;  // cycles that loading takes at the DRAM's bandwidth; cycles is no less
  StageTimes busy{};                // sums over all cores
  DenseCounts counts;
};

// Counts the valid keys of each query of each head.
std::vector<std::vector<std::uint64_t>> valid_keys_of(const Workload& workload);

DenseRun run_dense(const DenseUnit& unit, const Workload& workload, const Config& config,
                   const std::vector<std::vector<std::uint64_t>>& valid_keys);

}  // namespace capcam::baseline
