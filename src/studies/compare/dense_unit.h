// A digital attention unit that keeps everything: scores of all valid keys by multiply-accumulate units, a full
// softmax, a full weighted sum. DenseUnit has the number of its units and the time of a head-query. docs/baseline.md
// has the rules.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "capcam/config.h"
#include "capcam/trace.h"

namespace capcam::baseline {

enum class KeyFormat { bf16, int8 };
inline constexpr Choice<KeyFormat> key_formats[] = {
    {KeyFormat::bf16, "bf16", "queries and keys in bfloat16, scores summed in fp32"},
    {KeyFormat::int8, "int8", "queries and keys as 8-bit integers with a scale a head, scores summed in 32 bits"},
};
inline std::uint32_t key_bits(KeyFormat format) { return format == KeyFormat::bf16 ? 16 : 8; }

// Stages hold one query each and work on different queries at once, as the CAM machine's coarse stages do.
inline constexpr std::array<std::string_view, 4> stage_names = {"scores", "softmax", "weighted_sum", "division"};
using StageTimes = std::array<std::uint64_t, 4>;  // cycles

struct DenseUnit {
  KeyFormat format = KeyFormat::bf16;
  std::uint64_t score_lanes = 1;   // multiply-accumulates of q . k per cycle
  std::uint64_t exp_lanes = 1;     // exponentials per cycle
  std::uint64_t value_lanes = 1;   // multiply-accumulates of weight . V per cycle
  std::uint64_t dividers = 1;      // each starts one division per cycle
  std::uint32_t shared_reads = 1;  // queries of a head that share a read of a key or value row

  // Takes the latencies of the configuration's own units.
  std::uint32_t mac_cycles = 4, exp_cycles = 1, divide_cycles = 3;

  // Returns the times of a query with so many valid keys; without a key it takes no cycle.
  StageTimes times(std::uint64_t valid_keys, const TraceShape& shape) const;
  static std::uint64_t issues(std::uint64_t operations, std::uint64_t lanes) {
    return (operations + lanes - 1) / lanes;
  }
};

// Returns the unit with the fewest lanes whose stages each take at most `interval` cycles for a query with all keys
// valid. The interval must be at least shortest_interval.
DenseUnit unit_for_interval(std::uint64_t interval, KeyFormat format, const Config& config, const TraceShape& shape);
std::uint64_t shortest_interval(const Config& config);
// Returns the interval of a unit that has one lane of each kind.
std::uint64_t longest_interval(const Config& config, const TraceShape& shape);

}  // namespace capcam::baseline
