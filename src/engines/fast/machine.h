// What the time rules (docs/timing.md) need to know of a configuration and a trace's shape, worked out once.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>

#include "capcam/config.h"
#include "capcam/trace.h"
#include "engines/fast/cycle.h"
#include "kernels/valid_keys.h"
#include "mapping/mapping.h"

namespace capcam::fast {

struct Machine {
  Mapping mapping;
  std::uint32_t cores = 1;
  std::uint32_t arrays = 1;
  std::uint32_t segments = 1;
  std::uint32_t queries = 0;  // of a head
  std::uint32_t value_dim = 0;
  bool overlap = false;

  Cycle search_cycles = 1;
  Cycle conversion_cycles = 1;
  std::uint32_t rows_per_converter = 1;
  bool ramp = false;  // a conversion's time depends on the data
  Cycle scale_cycles = 0;
  Cycle select_cycles = 0;  // tile selection and register write, after scaling
  std::uint64_t result_slots = 1;

  std::uint32_t n = 0;
  std::uint32_t tile_candidates = 0;  // the most a full tile gives
  std::uint32_t register_entries = 0;
  Cycle merge_cycles = 1;
  Cycle lookup_cycles = 1;
  Cycle divide_cycles = 1;
  bool pipelined_divider = false;
  std::uint32_t lanes = 1;
  Cycle mac_cycles = 1;
  bool pipelined_mac = true;

  bool prefetch = false;        // value rows come from DRAM
  bool prefetch_tiles = false;  // the candidates of each tile as it is written; otherwise the kept rows
  std::uint64_t value_slots = 0;
  std::uint64_t value_row_bytes = 0;

  bool keys_fit = true;
  bool keys_modelled = false;  // they fit and are loaded over the DRAM channel
  bool two_heads_fit = false;
  bool logs_keys = false;            // DRAM requests are logged
  std::uint64_t head_key_bytes = 0;  // of the keys that are loaded before its first query
  std::uint64_t head_key_words = 0;  // cycles to program them
  std::uint64_t fetch_depth = 1;

  Cycle latency_cycles = 1;
  double bandwidth_gb_s = 0.0;
  double frequency_ghz = 1.0;

  Machine() = default;
  Machine(const TraceShape& shape, const Config& config, const Mapping& map, const ValidKeyRule& valid);

  // An array stays programmed from query to query.
  bool keeps_rows() const { return mapping.resident && mapping.decode != Decode::reprogram; }
  // Before a tile of `keys` keys can be searched in an array of which `programmed` rows are written.
  std::uint32_t rows_to_write(std::uint32_t keys, std::uint32_t programmed) const {
    return keeps_rows() ? keys - std::min(keys, programmed) : keys;
  }
  Cycle conversion_of(std::uint32_t keys) const {
    return conversion_cycles * static_cast<Cycle>(std::min(keys, rows_per_converter));
  }
  // Normalization after the last merge.
  Cycle softmax_of(std::uint32_t kept) const {
    const Cycle count = kept;
    return count * lookup_cycles + (pipelined_divider ? count - 1 + divide_cycles : count * divide_cycles);
  }
  std::uint64_t issues_of(std::uint32_t kept) const { return (std::uint64_t{kept} * value_dim + lanes - 1) / lanes; }
  Cycle accumulate_of(std::uint32_t kept) const {
    const auto issues = static_cast<Cycle>(issues_of(kept));
    return pipelined_mac ? issues + mac_cycles : issues * mac_cycles;
  }
  std::uint64_t job_key_bytes(std::uint32_t keys, std::uint32_t segment) const {
    return (std::uint64_t{keys} * mapping.segmentation.used_columns(segment) + 7) / 8;
  }
  // True if a register that holds `occupied` candidates has no room for another tile's.
  bool register_full(std::uint32_t occupied) const { return register_entries - occupied < tile_candidates; }
};

}  // namespace capcam::fast
