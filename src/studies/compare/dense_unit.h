// A digital attention unit that keeps everything: scores of all valid keys by multiply-accumulate units, a full
// softmax, a full weighted sum, for a block of queries at a time. DenseUnit has the number of its units and their
// times. docs/baseline.md has the rules.
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
    {KeyFormat::bf16, "bf16", "queries, keys and values in bfloat16, sums in fp32"},
    {KeyFormat::int8, "int8",
     "queries, keys, weights and values as 8-bit integers with scales of a head, sums in 32 bits"},
};
inline std::uint32_t number_bits(KeyFormat format) { return format == KeyFormat::bf16 ? 16 : 8; }

// A block's keys pass the stages in chunks; each stage works on a chunk while the next one works on that before.
inline constexpr std::array<std::string_view, 4> stage_names = {"scores", "softmax", "weighted_sum", "output"};
using StageTimes = std::array<std::uint64_t, 4>;  // cycles

struct DenseUnit {
  KeyFormat format = KeyFormat::bf16;
  std::uint64_t block = 1;         // queries that share a read of a key or value row; each has lanes of its own
  std::uint64_t chunk = 1;         // keys of a block that a stage takes at once
  std::uint64_t score_lanes = 1;   // of one query: products of q . k a cycle, which one tree adds
  std::uint64_t exp_lanes = 1;     // of the block: exponentials a cycle
  std::uint64_t value_lanes = 1;   // of one query: products of weight . V a cycle
  std::uint64_t output_lanes = 1;  // of the block: outputs a cycle times the reciprocal of their sum

  // Takes the latencies of the configuration's own units.
  std::uint32_t mac_cycles = 4, exp_cycles = 1, divide_cycles = 3;

  // Returns the cycles for which each stage is taken by a chunk of so many keys, the last of its block or not.
  StageTimes issues(std::uint64_t keys, bool last, const TraceShape& shape) const;
  // Returns the cycles from the last issue to the hand-over.
  StageTimes latencies() const { return {mac_cycles, exp_cycles, mac_cycles, divide_cycles}; }
};

inline std::uint64_t pieces(std::uint64_t whole, std::uint64_t piece) { return (whole + piece - 1) / piece; }

// Returns the unit with the fewest lanes whose stages each take at most `interval` cycles for a query with all keys
// valid (`block` times as many for a block). The interval is at least 1.
DenseUnit unit_for_interval(std::uint64_t interval, KeyFormat format, std::uint64_t block, std::uint64_t chunk,
                            const Config& config, const TraceShape& shape);
// Returns the interval of a unit that has one lane of each kind for each query.
std::uint64_t longest_interval(const TraceShape& shape);

}  // namespace capcam::baseline
