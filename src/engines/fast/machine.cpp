// SPDX-License-Identifier: Apache-2.0
#include "engines/fast/machine.h"

#include <algorithm>

namespace capcam::fast {

Machine::Machine(const TraceShape& shape, const Config& config, const Mapping& map, const ValidKeyRule& valid)
    : mapping(map),
      cores(config.accelerator.cores),
      arrays(map.arrays),
      segments(map.segmentation.segments()),
      queries(static_cast<std::uint32_t>(shape.queries)),
      value_dim(static_cast<std::uint32_t>(shape.value_dim)),
      overlap(config.pipeline.query_overlap),
      search_cycles(config.array.search_cycles),
      conversion_cycles(config.sensing.kind == SensingKind::flash ? 1 : config.sensing.conversion_cycles),
      rows_per_converter(config.sensing.rows_per_converter),
      ramp(config.sensing.kind == SensingKind::ramp),
      scale_cycles(config.score.scale_cycles),
      select_cycles(Cycle{config.top_n.tile_cycles} + config.top_n.register_cycles),
      result_slots(static_cast<std::uint64_t>(std::max<Cycle>(1, scale_cycles + select_cycles))),
      n(config.top_n.n),
      tile_candidates(config.top_n.tile_k == 0 ? map.rows : std::min(config.top_n.tile_k, map.rows)),
      register_entries(config.top_n.register_entries),
      merge_cycles(config.top_n.merge_cycles),
      lookup_cycles(config.softmax.lookup_cycles),
      divide_cycles(config.softmax.divide_cycles),
      pipelined_divider(config.softmax.pipelined_divider),
      lanes(config.value.lanes),
      mac_cycles(config.value.mac_cycles),
      pipelined_mac(config.value.pipelined_mac),
      prefetch(config.memory.value_source == ValueSource::dram_prefetch),
      prefetch_tiles(prefetch && config.top_n.tile_k != 0),
      value_row_bytes(shape.value_dim * (config.value.format == NumberFormat::bf16 ? 2 : 4)),
      latency_cycles(config.memory.latency_cycles),
      bandwidth_gb_s(config.memory.bandwidth_gb_s),
      frequency_ghz(config.clock.frequency_ghz) {
  value_slots = std::uint64_t{config.memory.value_sram_kib} * 1024 / value_row_bytes;
  const std::uint64_t key_sram_bytes = std::uint64_t{config.memory.key_sram_kib} * 1024;
  const std::uint32_t loaded = map.decode == Decode::off ? map.keys : valid.there(0);
  head_key_bytes = map.key_bytes(loaded);
  for (std::uint32_t first = 0; first < loaded; first += map.rows) {
    head_key_words += std::uint64_t{map.program_cycles(std::min(map.rows, loaded - first))} * segments;
  }
  keys_fit = map.keys_fit(config.memory, 1);
  keys_modelled = keys_fit && config.memory.key_load == KeyLoad::modelled;
  two_heads_fit = map.keys_fit(config.memory, 2);
  const std::uint64_t tile_bytes =
      (std::uint64_t{map.rows} * std::min(config.array.columns, map.segmentation.head_dim) + 7) / 8;
  fetch_depth = std::max<std::uint64_t>(1, key_sram_bytes / tile_bytes);
}

}  // namespace capcam::fast
