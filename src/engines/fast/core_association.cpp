// Arrays, candidate registers and the merge unit of a core.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "engines/fast/core.h"

namespace capcam::fast {

void Core::begin_group() {
  GroupState& group = state_.groups.back();
  const GroupProfile& profile = *group.profile;
  group_waits_ = false;
  group.cells = std::move(spare_cells_);
  group.cells.assign(profile.candidates.size(), {});
  for (std::size_t i = 0; i < group.cells.size(); ++i) {
    group.cells[i].missing = profile.candidates[i] != 0 ? machine_.segments : 0;
  }
  if (!machine_.keys_fit) number_fetches(group);
  const std::uint64_t phase = std::uint64_t{profile.first_tile} * machine_.segments % machine_.arrays;
  group.arrays_left = 0;
  for (std::uint32_t array = 0; array < machine_.arrays; ++array) {
    state_.arrays[array].group = state_.groups.end() - 1;
    next_job(array, (array + machine_.arrays - phase) % machine_.arrays);
    if (state_.arrays[array].has_job) ++group.arrays_left;
  }
  for (std::uint32_t array = 0; array < machine_.arrays; ++array) step(array);
  run_ready_arrays();
}

// The array's first job from job number `from` of its group on.
void Core::next_job(std::uint32_t array, std::uint64_t from) {
  ArrayState& a = state_.arrays[array];
  const GroupProfile& profile = *state_.groups[a.group].profile;
  const std::uint64_t jobs = std::uint64_t{profile.tiles} * machine_.segments;
  while (from < jobs && !profile.searched(static_cast<std::uint32_t>(from / machine_.segments))) {
    from += machine_.arrays;
  }
  a.has_job = from < jobs;
  a.opened = false;
  a.job = from;
}

// Takes an array as far as is known.
void Core::step(std::uint32_t array) {
  ArrayState& a = state_.arrays[array];
  for (;;) {
    // The next tile is programmed while a result still waits for the converters.
    if (a.has_job && !a.opened) open_job(array);
    if (a.pending && !convert(array)) return;
    if (!a.has_job || !a.opened) return;
    search(array);
  }
}

void Core::open_job(std::uint32_t array) {
  ArrayState& a = state_.arrays[array];
  const GroupState& group = state_.groups[a.group];
  const GroupProfile& profile = *group.profile;
  const auto tile = static_cast<std::uint32_t>(a.job / machine_.segments);
  Cycle start = std::max(a.free, group.entry);
  const std::uint32_t keys = profile.keys_in(tile, machine_.mapping.rows);
  const std::uint32_t rows = machine_.rows_to_write(keys, a.programmed);
  if (rows != 0) {
    if (!machine_.keys_fit) {
      const std::uint64_t fetch = group.fetches[a.job];
      if (fetch >= state_.fetches.end() || state_.fetches[fetch].there == never) {
        if (!a.awaits_keys) arrays_without_keys_.push_back(array);
        a.awaits_keys = true;
        return;
      }
      start = std::max(start, state_.fetches[fetch].there);
    }
    const auto segment = static_cast<std::uint32_t>(a.job % machine_.segments);
    const Cycle cycles = machine_.mapping.program_cycles(rows);
    ActionCounts& counts = record_.tally.counts;
    start += cycles;
    record_.tally.busy[key_programming] += cycles;
    counts.key_sram_read += static_cast<std::uint64_t>(cycles);
    counts.cam_array_program += static_cast<std::uint64_t>(cycles);
    counts.cam_array_write_row += rows;
    counts.cam_array_write_bit += std::uint64_t{rows} * machine_.mapping.segmentation.used_columns(segment);
    a.programmed = keys;
    if (!machine_.keys_fit) {
      counts.key_sram_write += static_cast<std::uint64_t>(cycles);
      counts.dram_key_bytes += machine_.job_key_bytes(rows, segment);
      fetch_used(group.fetches[a.job], start);
    }
  }
  a.opened = true;
  a.opened_at = a.previous = start;
  a.lane = 0;
  while (profile.candidates_of(tile, a.lane) == 0) ++a.lane;
}

void Core::search(std::uint32_t array) {
  ArrayState& a = state_.arrays[array];
  GroupState& group = state_.groups[a.group];
  const GroupProfile& profile = *group.profile;
  const auto tile = static_cast<std::uint32_t>(a.job / machine_.segments);
  const std::uint32_t keys = profile.keys_in(tile, machine_.mapping.rows);
  const Cycle settled = a.previous + machine_.search_cycles;
  const Cycle taken = std::max(settled, a.converters_free);
  Tally& tally = record_.tally;
  Cycle conversion = machine_.conversion_of(keys);
  if (machine_.ramp) {
    const std::uint64_t job = std::uint64_t{profile.first_tile} * machine_.segments + a.job;
    const TileConversion& ramp = query(group.first_query + a.lane).conversions[job];
    conversion = ramp.cycles;
    tally.counts.converter_ramp_step += ramp.steps;
    tally.counts.converter_compare += ramp.comparisons;
  }
  tally.busy[cam_array] += machine_.search_cycles;
  tally.blocked[cam_array] += taken - settled;
  tally.busy[sensing] += conversion;
  ++tally.counts.query_buffer_read;
  ++tally.counts.cam_array_search;
  tally.counts.search_line_drive +=
      machine_.mapping.segmentation.used_columns(static_cast<std::uint32_t>(a.job % machine_.segments));
  tally.counts.matchline_share += keys;
  tally.counts.converter_convert += keys;
  tally.counts.score_scaler_scale += keys;
  a.previous = taken;
  a.pending = true;
  a.pending_group = a.group;
  a.pending_tile = tile;
  a.pending_lane = a.lane;
  a.pending_last_segment = a.job % machine_.segments + 1 == machine_.segments;
  a.converted = taken + conversion;
  do ++a.lane;
  while (a.lane < profile.lanes && profile.candidates_of(tile, a.lane) == 0);
  if (a.lane < profile.lanes) return;
  // The job is done.
  a.free = taken;
  tally.blocked[key_programming] += taken - a.opened_at;
  next_job(array, a.job + machine_.arrays);
  if (a.has_job) return;
  group.searched = std::max(group.searched, taken);
  if (--group.arrays_left == 0 && machine_.overlap) {
    state_.gate = group.searched;
    try_enter();
  }
}

// The result leaves the converters; false if it waits for a slot that is not known to be free.
bool Core::convert(std::uint32_t array) {
  ArrayState& a = state_.arrays[array];
  Cycle left = a.converted;
  if (a.pending_last_segment && a.slots.end() - a.slots.begin() >= machine_.result_slots) {
    const Cycle written = a.slots.front().written;  // of the result that many before this one
    if (written == never) return false;
    left = std::max(left, written);
    a.slots.pop_front();
  }
  a.pending = false;
  a.converters_free = left;
  Tally& tally = record_.tally;
  tally.blocked[sensing] += left - a.converted;
  const Cycle selected = left + machine_.scale_cycles + (a.pending_last_segment ? machine_.select_cycles : 0);
  tally.busy[tile_selection] += std::max<Cycle>(0, selected - std::max(left, a.busy_until));
  a.busy_until = std::max(a.busy_until, selected);
  if (a.pending_last_segment) a.slots.push_back({never, a.shown.end()});
  a.shown.push_back({left, a.pending_last_segment ? never : selected});
  settle_shown(a);
  deliver(a, left);
  return true;
}

void Core::deliver(const ArrayState& a, Cycle left) {
  GroupState& group = state_.groups[a.pending_group];
  CellState& cell = group.cells[std::size_t{a.pending_tile} * group.profile->lanes + a.pending_lane];
  cell.ready = std::max(cell.ready, left);
  if (a.pending_last_segment) cell.slot = static_cast<std::uint32_t>(a.slots.end() - 1);
  if (--cell.missing != 0) return;
  cell.ready += machine_.scale_cycles + machine_.select_cycles;
  write_tiles(group.first_query + a.pending_lane);
}

// Writes a query's tiles into its register as far as is known.
void Core::write_tiles(std::uint64_t number) {
  QueryState& q = query(number);
  GroupState& group = group_of(q);
  if (q.empty || group.cells.empty()) return;  // nothing to write, or the arrays have not started on it
  const GroupProfile& profile = *group.profile;
  const std::uint32_t last_tile = profile.last_of_lane[q.lane];
  while (q.next_tile != profile.tiles && !q.awaits_lane && !q.awaits_room) {
    const std::uint32_t tile = q.next_tile;
    const CellState& cell = group.cells[std::size_t{tile} * profile.lanes + q.lane];
    if (cell.missing != 0) return;
    const Cycle written = q.last_write = std::max(q.last_write, cell.ready);
    const std::uint32_t candidates = profile.candidates_of(tile, q.lane);
    q.occupied += candidates;
    ++record_.tally.counts.tile_selector_select;
    ++record_.tally.counts.candidate_register_write;
    if (machine_.prefetch_tiles) post(written, EventType::request_values, number, tile);
    if (tile == last_tile) {
      q.next_tile = profile.tiles;
      post(written, EventType::drained, number);
    } else {
      q.next_tile = profile.next_of_lane(tile, q.lane);
      if (machine_.register_full(q.occupied)) {
        q.awaits_room = true;
        post(written, EventType::request_merge, number);
      }
    }
    const std::uint64_t job = std::uint64_t{profile.first_tile + tile} * machine_.segments + machine_.segments - 1;
    free_slot(static_cast<std::uint32_t>(job % machine_.arrays), cell.slot, written);
  }
}

// A result of the last segment is written into its register.
void Core::free_slot(std::uint32_t array, std::uint32_t slot, Cycle written) {
  ArrayState& a = state_.arrays[array];
  const std::uint64_t number = a.slots.begin() + (slot - static_cast<std::uint32_t>(a.slots.begin()));
  a.slots[number].written = written;
  ShownState& shown = a.shown[a.slots[number].shown];
  shown.end = std::max(written, shown.start + machine_.scale_cycles + machine_.select_cycles);
  settle_shown(a);
  if (a.pending) ready_arrays_.push_back(array);
}

// Adds up the time a result is on show, at work or waiting. Blocked is what of it is not busy (engine.cpp takes it
// off).
void Core::settle_shown(ArrayState& a) {
  while (!a.shown.empty() && a.shown.front().end != never) {
    const ShownState& shown = a.shown.front();
    record_.tally.blocked[tile_selection] += std::max<Cycle>(0, shown.end - std::max(shown.start, a.shown_until));
    a.shown_until = std::max(a.shown_until, shown.end);
    a.shown.pop_front();
  }
}

void Core::run_ready_arrays() {
  while (!ready_arrays_.empty()) {
    const std::uint32_t array = ready_arrays_.back();
    ready_arrays_.pop_back();
    step(array);
  }
}

// Starts a merge if the unit is free and one is requested; a second one cannot start in the same cycle.
bool Core::start_merge() {
  if (state_.merging || (state_.merges.empty() && new_merges_.empty())) return false;
  MergeRequest request;
  if (!state_.merges.empty()) {
    request = state_.merges.front();
    state_.merges.erase(state_.merges.begin());
  } else {
    const auto oldest =
        std::min_element(new_merges_.begin(), new_merges_.end(),
                         [](const MergeRequest& a, const MergeRequest& b) { return a.query < b.query; });
    request = *oldest;
    new_merges_.erase(oldest);
  }
  state_.merging = true;
  record_.tally.busy[merge] += machine_.merge_cycles;
  ++record_.tally.counts.merger_merge;
  QueryState& q = query(request.query);
  const std::uint32_t dropped = q.occupied - std::min(q.occupied, machine_.n);
  q.occupied -= dropped;
  post(now_ + machine_.merge_cycles, EventType::merge_ended, request.query, dropped * 2 + (request.last ? 1 : 0));
  if (request.last) {
    handed_over(request.query);
    return true;
  }
  ++record_.tally.counts.candidate_register_write;
  q.awaits_room = false;
  q.last_write = std::max(q.last_write, now_);
  write_tiles(request.query);
  run_ready_arrays();
  return true;
}

void Core::merge_ended(std::uint64_t number, bool last, std::uint32_t dropped) {
  state_.merging = false;
  QueryState& q = query(number);
  const std::uint32_t merge_number = q.merges_ended++;
  if (machine_.prefetch_tiles) {
    drop_values(q, merge_number, dropped);
  } else if (machine_.prefetch && last) {
    request_values(number, q.occupied);
  }
  if (last) return;
  --q.shadow_merges;
  if (q.next_tile == group_of(q).profile->tiles && q.last_write <= now_) check_drained(number);
}

}  // namespace capcam::fast
