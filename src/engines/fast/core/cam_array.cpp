// The stage cam_array of the arrays.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "engines/fast/core/arrays.h"

namespace capcam::fast {

// Searches the query of the job's next lane, and hands the result to the converters.
void Arrays::search(ArrayState& array) {
  const TimingRules& rules = core_.rules;
  const GroupState& group = core_.groups[array.group];
  const GroupProfile& profile = *group.profile;
  const std::uint32_t tile = tile_of(array);
  const std::uint32_t keys = profile.keys_in(tile, rules.mapping.rows);
  const Cycle settled = array.previous + rules.times.search;
  const Cycle taken = std::max(settled, array.converters_free);
  Tally& tally = core_.tally();
  const std::uint64_t job = std::uint64_t{profile.first_tile} * rules.segments + array.job;
  const Conversion& conversion = rules.conversions.depend_on_codes()
                                     ? core_.queries[group.first_query + array.lane].data.conversions[job]
                                     : rules.conversions.of_rows(keys);
  const auto conversion_cycles = static_cast<Cycle>(conversion.cycles);
  tally.counts.converter_ramp_step += conversion.steps;
  tally.counts.converter_compare += conversion.comparisons;
  tally.busy[Stage::cam_array] += rules.times.search;
  tally.blocked[Stage::cam_array] += taken - settled;
  tally.busy[Stage::sensing] += conversion_cycles;
  ++tally.counts.query_buffer_read;
  ++tally.counts.cam_array_search;
  tally.counts.search_line_drive += rules.mapping.segmentation.used_columns(segment_of(array));
  tally.counts.cam_array_mismatch += std::uint64_t{keys} * rules.mapping.segmentation.used_columns(segment_of(array));
  tally.counts.matchline_share += keys;
  tally.counts.converter_convert += keys;
  tally.counts.score_scaler_scale += keys;
  array.previous = taken;
  array.converting =
      ArrayResult{array.group, tile, array.lane, segment_of(array) + 1 == rules.segments, taken + conversion_cycles};
  do ++array.lane;
  while (array.lane < profile.lanes && profile.candidates_of(tile, array.lane) == 0);
  if (array.lane == profile.lanes) end_job(array, taken);
}

void Arrays::end_job(ArrayState& array, Cycle searched) {
  array.free = searched;
  core_.tally().blocked[Stage::key_programming] += searched - array.opened_at;
  next_job(array, array.job + core_.rules.arrays);
  if (array.has_job) return;
  GroupState& group = core_.groups[array.group];
  group.searched = std::max(group.searched, searched);
  if (--group.arrays_left == 0 && core_.rules.overlap) dispatch_.open_gate(group.searched);
}

}  // namespace capcam::fast
