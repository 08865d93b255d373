// The quantities that the timing rules (docs/timing.md) take from a configuration and a trace's shape, worked out once.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>

#include "capcam/config.h"
#include "capcam/trace.h"
#include "core/cycle.h"
#include "kernels/conversions.h"
#include "kernels/valid_keys.h"
#include "machine/service_times.h"
#include "mapping/mapping.h"

namespace capcam::fast {

struct TimingRules {
  Mapping mapping;
  ServiceTimes times;
  Conversions conversions;
  DramTimes dram;
  std::uint32_t cores = 1;
  std::uint32_t arrays = 1;  // arrays per core
  std::uint32_t segments = 1;
  std::uint32_t queries = 0;  // queries per head
  bool overlap = false;

  std::uint32_t n = 0;
  std::uint32_t tile_candidates = 0;  // candidates from a full tile
  std::uint32_t register_entries = 0;

  bool prefetch = false;  // true if value rows come from DRAM
  // True if each tile's candidates are fetched as it is written; otherwise the kept rows are.
  bool prefetch_tiles = false;

  bool values_modelled = false;       // true if whole heads' rows are loaded over the DRAM channel
  std::uint64_t head_value_rows = 0;  // rows that are loaded for a head; 0 if none are
  std::uint64_t value_heads = 1;      // heads whose rows the value SRAM holds

  bool keys_fit = true;
  bool keys_modelled = false;  // true if keys fit and are loaded over the DRAM channel
  bool two_heads_fit = false;
  bool logs_keys = false;            // true if DRAM requests are logged
  std::uint64_t head_key_bytes = 0;  // keys that are loaded before a head's first query
  std::uint64_t head_key_words = 0;  // cycles to program those keys

  TimingRules() = default;
  TimingRules(const TraceShape& shape, const Config& config, const Mapping& map, const ValidKeyRule& valid);

  std::uint64_t head_value_bytes() const { return head_value_rows * times.value_row_bytes; }
  // Returns true if an array stays programmed from query to query.
  bool keeps_rows() const { return mapping.resident && mapping.decode != Decode::reprogram; }
  // Returns the rows that are written before a tile of `keys` keys can be searched in an array that holds `programmed`
  // rows of it.
  std::uint32_t rows_to_write(std::uint32_t keys, std::uint32_t programmed) const {
    return keeps_rows() ? keys - std::min(keys, programmed) : keys;
  }
  std::uint64_t job_key_bytes(std::uint32_t keys, std::uint32_t segment) const {
    return (std::uint64_t{keys} * mapping.segmentation.used_columns(segment) + 7) / 8;
  }
  // Returns true if a register that holds `occupied` candidates has no room for another tile's.
  bool register_full(std::uint32_t occupied) const { return register_entries - occupied < tile_candidates; }
};

}  // namespace capcam::fast
