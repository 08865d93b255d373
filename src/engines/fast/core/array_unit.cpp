// SPDX-License-Identifier: Apache-2.0
#include "engines/fast/core/array_unit.h"

#include <algorithm>

#include "engines/fast/core/state_codec.h"

namespace capcam::fast {

ArrayUnit::ArrayUnit(CoreContext& core, KeyStream& key_stream, TileSelection& tile_selection, Dispatch& dispatch)
    : core_(core),
      key_stream_(key_stream),
      tile_selection_(tile_selection),
      dispatch_(dispatch),
      arrays_(core.rules.arrays) {}

void ArrayUnit::forget_keys() {
  for (ArrayState& array : arrays_) array.programmed = 0;
}

void ArrayUnit::begin_group() {
  GroupState& group = core_.groups.back();
  if (!core_.rules.keys_fit) number_jobs(group);
  const std::uint32_t count = core_.rules.arrays;
  const std::uint64_t phase = std::uint64_t{group.profile->first_tile} * core_.rules.segments % count;
  group.arrays_left = 0;
  for (std::uint32_t number = 0; number < count; ++number) {
    ArrayState& array = arrays_[number];
    array.group = core_.groups.end() - 1;
    next_job(array, (number + count - phase) % count);
    if (array.has_job) ++group.arrays_left;
  }
  for (std::uint32_t number = 0; number < count; ++number) step(number);
  go_on();
}

// Numbers the jobs of a group that program, in the order in which their keys are fetched.
void ArrayUnit::number_jobs(GroupState& group) {
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

// The array's first job from job number `from` of its group on.
void ArrayUnit::next_job(ArrayState& array, std::uint64_t from) {
  const GroupProfile& profile = *core_.groups[array.group].profile;
  const std::uint32_t segments = core_.rules.segments;
  const std::uint64_t jobs = std::uint64_t{profile.tiles} * segments;
  while (from < jobs && !profile.searched(static_cast<std::uint32_t>(from / segments))) from += core_.rules.arrays;
  array.has_job = from < jobs;
  array.opened = false;
  array.job = from;
}

// Takes an array as far as is known.
void ArrayUnit::step(std::uint32_t number) {
  ArrayState& array = arrays_[number];
  for (;;) {
    // The next tile is programmed while a result still waits for the converters.
    if (array.has_job && !array.opened) program(number);
    if (array.converting && !convert(number)) return;
    if (!array.has_job || !array.opened) return;
    search(array);
  }
}

// Key programming: the rows of the job are written, if that is not done yet and their keys are known to come.
void ArrayUnit::program(std::uint32_t number) {
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

// CAM array: the query of the job's next lane is searched, and the converters take the result.
void ArrayUnit::search(ArrayState& array) {
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

void ArrayUnit::end_job(ArrayState& array, Cycle searched) {
  array.free = searched;
  core_.tally().blocked[Stage::key_programming] += searched - array.opened_at;
  next_job(array, array.job + core_.rules.arrays);
  if (array.has_job) return;
  GroupState& group = core_.groups[array.group];
  group.searched = std::max(group.searched, searched);
  if (--group.arrays_left == 0 && core_.rules.overlap) dispatch_.open_gate(group.searched);
}

// Sensing: the result leaves the converters; false if it waits for a slot that is not known to be free.
bool ArrayUnit::convert(std::uint32_t number) {
  ArrayState& array = arrays_[number];
  const Cycle left = tile_selection_.accept(number, *array.converting);
  if (left == never) return false;
  core_.tally().blocked[Stage::sensing] += left - array.converting->converted;
  array.converters_free = left;
  array.converting.reset();
  return true;
}

void ArrayUnit::keys_come() {
  std::erase_if(without_keys_, [this](std::uint32_t number) {
    ArrayState& array = arrays_[number];
    if (key_stream_.there(core_.groups[array.group].fetches[array.job]) == never) return false;
    array.awaits_keys = false;
    tile_selection_.freed_arrays().push_back(number);
    return true;
  });
}

void ArrayUnit::go_on() {
  std::vector<std::uint32_t>& freed = tile_selection_.freed_arrays();
  while (!freed.empty()) {
    const std::uint32_t number = freed.back();
    freed.pop_back();
    step(number);
  }
}

void ArrayUnit::describe(StateCodec& v) { v.list(arrays_); }

}  // namespace capcam::fast
