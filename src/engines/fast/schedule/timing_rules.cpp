// SPDX-License-Identifier: Apache-2.0
#include "engines/fast/schedule/timing_rules.h"

#include <algorithm>

namespace capcam::fast {

TimingRules::TimingRules(const TraceShape& shape, const Config& config, const Mapping& map, const ValidKeyRule& valid)
    : mapping(map),
      times(config, map, shape),
      conversions(config, map.segmentation.segments()),
      dram(config),
      cores(config.accelerator.cores),
      arrays(map.arrays),
      segments(map.segmentation.segments()),
      queries(static_cast<std::uint32_t>(shape.queries)),
      overlap(config.pipeline.query_overlap),
      n(config.top_n.n),
      tile_candidates(config.top_n.tile_k == 0 ? map.rows : std::min(config.top_n.tile_k, map.rows)),
      register_entries(config.top_n.register_entries),
      prefetch(config.memory.value_source == ValueSource::dram_prefetch),
      prefetch_tiles(prefetch && config.top_n.tile_k != 0),
      values_modelled(!prefetch && config.memory.value_load == HeadLoad::modelled),
      keys_fit(map.keys_fit(config.memory, 1)),
      keys_modelled(keys_fit && config.memory.key_load == HeadLoad::modelled),
      two_heads_fit(map.keys_fit(config.memory, 2)) {
  const std::uint32_t loaded = map.loaded_keys(valid);
  head_key_bytes = map.key_bytes(loaded);
  head_key_words = map.key_words(loaded);
  if (prefetch) return;
  head_value_rows = loaded;
  value_heads = std::max<std::uint64_t>(1, times.value_slots / map.keys);
}

}  // namespace capcam::fast
