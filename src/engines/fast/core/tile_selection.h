// Takes results from the converters, makes scores of tiles complete, and writes their candidates into the registers of
// the lanes, as far ahead as is known.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "engines/fast/core/context.h"

namespace capcam::fast {

class StateCodec;

// A result at the converters of an array.
struct ArrayResult {
  std::uint64_t group = 0;
  std::uint32_t tile = 0;  // tile of the group's range
  std::uint32_t lane = 0;
  bool last_segment = false;
  Cycle converted = 0;

  static void describe(auto& v, auto& r) {
    v.group(r.group);
    v.number(r.tile, r.lane, r.last_segment);
    v.exact_time(r.converted);
  }
};

// The time that a result is on show in tile selection, at work or waiting.
struct ShownState {
  Cycle start = 0;
  Cycle end = never;

  static void describe(auto& v, auto& s) { v.exact_time(s.start, s.end); }
};

// A slot for a result of the last segment, between the converters and the candidate register.
struct SlotState {
  Cycle written = never;
  std::uint64_t shown = 0;  // number of its ShownState

  static void describe(auto& v, auto& s, std::uint64_t first_shown) {
    v.time(s.written);
    v.relative(s.shown, first_shown);
  }
};

// The results of one array.
struct ResultsState {
  Window<ShownState> shown;  // results in order of start, from the first whose end is not known
  Window<SlotState> slots;
  bool awaits_slot = false;  // true if a result waits at the converters
  Cycle busy_until = 0;
  Cycle shown_until = 0;

  static void describe(auto& v, auto& s) {
    v.window(s.shown);
    v.window(s.slots, s.shown.begin());
    v.number(s.awaits_slot);
    v.time(s.busy_until);
    v.exact_time(s.shown_until);
  }
};

class TileSelection {
 public:
  explicit TileSelection(CoreContext& core) : core_(core), arrays_(core.rules.arrays) {}

  void begin_group(GroupState& group);
  // Takes an array's next result. Returns when it leaves the converters; never if it waits for a slot of which it is
  // not known when it is free.
  Cycle accept(std::uint32_t array, const ArrayResult& result);
  // Takes note that the query before it hands the register of this query's lane over.
  void lane_is_free(std::uint64_t query);
  // Takes note that a merge makes room in the register of this query.
  void room_is_made(std::uint64_t query);
  // Takes note that every query of the group is handed over.
  void end_group(GroupState& group) { std::swap(spare_cells_, group.cells); }
  // Returns the arrays whose waiting result may go on now. Whoever takes one removes it.
  std::vector<std::uint32_t>& freed_arrays() { return freed_arrays_; }

  // Prepares for saving.
  void forget_past();
  void describe(StateCodec& v);

 private:
  void deliver(std::uint32_t array, const ArrayResult& result, Cycle left);
  void write_tiles(std::uint64_t number);
  void free_slot(std::uint32_t array, std::uint32_t slot, Cycle written);
  void account_shown(ResultsState& results);
  // Returns the array from which a tile's complete score comes.
  std::uint32_t last_array(const GroupProfile& profile, std::uint32_t tile) const {
    const std::uint64_t job = (std::uint64_t{profile.first_tile} + tile + 1) * core_.rules.segments - 1;
    return static_cast<std::uint32_t>(job % core_.rules.arrays);
  }

  CoreContext& core_;
  std::vector<ResultsState> arrays_;
  std::vector<std::uint32_t> freed_arrays_;
  std::vector<CellState> spare_cells_;  // memory for the next group's
};

}  // namespace capcam::fast
