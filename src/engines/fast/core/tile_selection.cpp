// SPDX-License-Identifier: Apache-2.0
#include "engines/fast/core/tile_selection.h"

#include <algorithm>
#include <utility>

#include "engines/fast/core/state_codec.h"

namespace capcam::fast {

void TileSelection::begin_group(GroupState& group) {
  const GroupProfile& profile = *group.profile;
  group.cells = std::move(spare_cells_);
  group.cells.assign(profile.candidates.size(), {});
  for (std::size_t i = 0; i < group.cells.size(); ++i)
    group.cells[i].missing = profile.candidates[i] != 0 ? core_.rules.segments : 0;
}

Cycle TileSelection::accept(std::uint32_t array, const ArrayResult& result) {
  ResultsState& results = arrays_[array];
  const ServiceTimes& times = core_.rules.times;
  Cycle left = result.converted;
  if (result.last_segment && results.slots.size() >= static_cast<std::uint64_t>(times.result_slots)) {
    // The result so many before this one was written then.
    const Cycle written = results.slots.front().written;
    results.awaits_slot = written == never;
    if (results.awaits_slot) return never;
    left = std::max(left, written);
    results.slots.pop_front();
  }
  const Cycle selected = left + times.scale + (result.last_segment ? times.select : 0);
  core_.tally().busy[Stage::tile_selection] += std::max<Cycle>(0, selected - std::max(left, results.busy_until));
  results.busy_until = std::max(results.busy_until, selected);
  if (result.last_segment) results.slots.push_back({never, results.shown.end()});
  results.shown.push_back({left, result.last_segment ? never : selected});
  account_shown(results);
  deliver(array, result, left);
  return left;
}

void TileSelection::deliver(std::uint32_t array, const ArrayResult& result, Cycle left) {
  GroupState& group = core_.groups[result.group];
  CellState& cell = group.cells[std::size_t{result.tile} * group.profile->lanes + result.lane];
  cell.ready = std::max(cell.ready, left);
  if (result.last_segment) cell.slot = static_cast<std::uint32_t>(arrays_[array].slots.end() - 1);
  if (--cell.missing != 0) return;
  cell.ready += core_.rules.times.scale + core_.rules.times.select;
  write_tiles(group.first_query + result.lane);
}

void TileSelection::lane_is_free(std::uint64_t query) {
  RegisterState& candidates = core_.queries[query].candidates;
  candidates.awaits_lane = false;
  candidates.last_write = std::max(candidates.last_write, core_.now);
  write_tiles(query);
}

void TileSelection::room_is_made(std::uint64_t query) {
  RegisterState& candidates = core_.queries[query].candidates;
  candidates.awaits_room = false;
  candidates.last_write = std::max(candidates.last_write, core_.now);
  write_tiles(query);
}

// Writes a query's tiles into its register as far as is known.
void TileSelection::write_tiles(std::uint64_t number) {
  QueryState& query = core_.queries[number];
  RegisterState& candidates = query.candidates;
  const GroupState& group = core_.group_of(query);
  if (query.empty || group.cells.empty()) return;  // there is nothing to write, or the arrays have not begun on it
  const GroupProfile& profile = *group.profile;
  const std::uint32_t last_tile = profile.last_of_lane[query.lane];
  while (candidates.next_tile != profile.tiles && !candidates.awaits_lane && !candidates.awaits_room) {
    const std::uint32_t tile = candidates.next_tile;
    const CellState& cell = group.cells[std::size_t{tile} * profile.lanes + query.lane];
    if (cell.missing != 0) return;
    const Cycle written = candidates.last_write = std::max(candidates.last_write, cell.ready);
    candidates.occupied += profile.candidates_of(tile, query.lane);
    ++core_.counts().tile_selector_select;
    ++core_.counts().candidate_register_write;
    if (core_.rules.prefetch_tiles) core_.events.post(written, EventType::request_values, number, tile);
    if (tile == last_tile) {
      candidates.next_tile = profile.tiles;
      core_.events.post(written, EventType::drained, number);
    } else {
      candidates.next_tile = profile.next_of_lane(tile, query.lane);
      if (core_.rules.register_full(candidates.occupied)) {
        candidates.awaits_room = true;
        core_.events.post(written, EventType::request_merge, number);
      }
    }
    free_slot(last_array(profile, tile), cell.slot, written);
  }
}

// A result of the last segment is written into its register.
void TileSelection::free_slot(std::uint32_t array, std::uint32_t slot, Cycle written) {
  ResultsState& results = arrays_[array];
  const std::uint64_t number = results.slots.begin() + (slot - static_cast<std::uint32_t>(results.slots.begin()));
  results.slots[number].written = written;
  ShownState& shown = results.shown[results.slots[number].shown];
  shown.end = std::max(written, shown.start + core_.rules.times.scale + core_.rules.times.select);
  account_shown(results);
  if (results.awaits_slot) freed_arrays_.push_back(array);
}

// Adds up the time that results are on show, at work or waiting. The part of it that is not busy is blocked
// (run_stats.cpp takes the busy part off).
void TileSelection::account_shown(ResultsState& results) {
  while (!results.shown.empty() && results.shown.front().end != never) {
    const ShownState& shown = results.shown.front();
    core_.tally().blocked[Stage::tile_selection] +=
        std::max<Cycle>(0, shown.end - std::max(shown.start, results.shown_until));
    results.shown_until = std::max(results.shown_until, shown.end);
    results.shown.pop_front();
  }
}

void TileSelection::forget_past() {
  for (ResultsState& results : arrays_) {
    // A result that was written before now keeps nobody waiting, and one that is written needs no account any more.
    while (!results.slots.empty() && results.slots.front().written <= core_.now) results.slots.pop_front();
    for (std::uint64_t slot = results.slots.begin(); slot != results.slots.end(); ++slot) {
      if (results.slots[slot].written != never) results.slots[slot].shown = results.shown.begin();
    }
    // No account begins before the first result on show, or now.
    const Cycle from = results.shown.empty() ? core_.now : std::min(core_.now, results.shown.front().start);
    results.shown_until = std::max(results.shown_until, from);
  }
}

void TileSelection::describe(StateCodec& v) {
  v.list(arrays_);
  // Of the queries before the waiting group, the tiles that are not written matter.
  for (std::uint64_t number = core_.queries.begin(); number < v.moment().first_query; ++number) {
    const QueryState& query = core_.queries[number];
    GroupState& group = core_.group_of(query);
    const GroupProfile& profile = *group.profile;
    std::uint32_t tile = query.candidates.next_tile;
    if (tile == profile.tiles) continue;
    group.cells.resize(profile.candidates.size());
    for (;; tile = profile.next_of_lane(tile, query.lane)) {
      v.part(group.cells[std::size_t{tile} * profile.lanes + query.lane],
             arrays_[last_array(profile, tile)].slots.end());
      if (tile == profile.last_of_lane[query.lane]) break;
    }
  }
}

}  // namespace capcam::fast
