// The stage key_programming of the arrays.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "engines/fast/core/arrays.h"

namespace capcam::fast {

// Numbers the jobs of a group that program, in the order in which their keys are fetched.
void Arrays::number_jobs(GroupState& group) {
  const TimingRules& rules = core_.rules;
  const GroupProfile& profile = *group.profile;
  const std::uint64_t first = std::uint64_t{profile.first_tile} * rules.segments;
  group.fetches.assign(std::size_t{profile.tiles} * rules.segments, 0);
  for (std::uint64_t job = 0; job != group.fetches.size(); ++job) {
    const auto tile = static_cast<std::uint32_t>(job / rules.segments);
    if (!profile.searched(tile)) continue;
    const std::uint32_t programmed = rules.keeps_rows() ? arrays_[first + job].programmed : 0;
    if (rules.rows_to_write(profile.keys_in(tile, rules.mapping.rows), programmed) == 0) continue;
    group.fetches[job] = key_stream_.number_job();
  }
}

// Writes the rows of the job, if that is not done yet and their keys are known to come.
void Arrays::program(std::uint32_t number) {
  ArrayState& array = arrays_[number];
  const TimingRules& rules = core_.rules;
  const GroupState& group = core_.groups[array.group];
  const GroupProfile& profile = *group.profile;
  const std::uint32_t tile = tile_of(array);
  const std::uint32_t keys = profile.keys_in(tile, rules.mapping.rows);
  const std::uint32_t rows = rules.rows_to_write(keys, array.programmed);
  Cycle end = std::max(array.free, group.entry);
  if (rows != 0) {
    if (!rules.keys_fit) {
      const Cycle there = key_stream_.there(group.fetches[array.job]);
      if (there == never) {
        if (!array.awaits_keys) without_keys_.push_back(number);
        array.awaits_keys = true;
        return;
      }
      end = std::max(end, there);
    }
    const Cycle cycles = rules.mapping.program_cycles(rows);
    ActionCounts& counts = core_.counts();
    end += cycles;
    core_.tally().busy[Stage::key_programming] += cycles;
    counts.key_sram_read += static_cast<std::uint64_t>(cycles);
    counts.cam_array_program += static_cast<std::uint64_t>(cycles);
    counts.cam_array_write_row += rows;
    counts.cam_array_write_bit += std::uint64_t{rows} * rules.mapping.segmentation.used_columns(segment_of(array));
    array.programmed = keys;
    if (!rules.keys_fit) {
      counts.key_sram_write += static_cast<std::uint64_t>(cycles);
      counts.dram_key_bytes += rules.job_key_bytes(rows, segment_of(array));
      key_stream_.used(group.fetches[array.job], end);
      keys_come();
    }
  }
  array.opened = true;
  array.opened_at = array.previous = end;
  array.lane = 0;
  while (profile.candidates_of(tile, array.lane) == 0) ++array.lane;
}

}  // namespace capcam::fast
