// The groups and queries that have entered a core and are not complete. Each part of a query belongs to one component.
//
// Every state of a core says its fields once, in `describe`, with their role for the visitor that saves and restores
// states (state_codec.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/cycle.h"
#include "engines/fast/core/query_data.h"
#include "engines/fast/core/window.h"
#include "engines/fast/schedule/schedule.h"

namespace capcam::fast {

// The score of a tile for a lane, until it is written into the lane's register.
struct CellState {
  Cycle ready = 0;                // when the last segment so far is there; with all segments, the earliest write
  std::uint32_t missing = 0;      // segments that are missing
  std::uint32_t slot = no_place;  // a slot of its array (TileSelection), modulo 2^32

  static void describe(auto& v, auto& c, std::uint64_t slots_end) {
    v.time(c.ready);
    v.number(c.missing);
    v.place(c.slot, slots_end);
  }
};

struct GroupState {
  ProfilePointer profile;
  GroupDuties duties;
  Cycle entry = 0;
  std::uint64_t first_query = 0;
  std::uint32_t arrays_left = 0;       // arrays that still have searches to do
  Cycle searched = 0;                  // when the last search so far ends
  std::vector<CellState> cells;        // [tile of the range][lane]; TileSelection describes those that matter
  std::vector<std::uint64_t> fetches;  // number of each job's fetch; empty unless keys are streamed

  static void describe(auto& v, auto& g) {
    v.profile(g.profile);
    v.part(g.duties);
    v.clock(g.entry, g.searched);
    v.query(g.first_query);
    v.transient(g.arrays_left, g.cells, g.fetches);
  }
};

// The candidate register of a query.
struct RegisterState {
  std::uint32_t next_tile = 0;  // tile that is written next; the end of the range if all are written
  std::uint32_t occupied = 0;   // candidates that it holds
  bool awaits_lane = false;     // true if the lane's previous query still holds the register
  bool awaits_room = false;
  std::optional<std::uint64_t> lane_next;  // the query that waits for this one's register
  Cycle last_write = 0;  // when the last tile was written, or the merge that made room began, if that is later

  static void describe(auto& v, auto& r) {
    v.number(r.next_tile, r.occupied, r.awaits_lane, r.awaits_room);
    v.optional_query(r.lane_next);
    v.time(r.last_write);
  }
};

// A burst of value rows.
struct Burst {
  std::uint32_t rows = 0;  // rows that are not dropped
  Cycle complete = never;  // when it is complete; never if it is not issued

  static void describe(auto& v, auto& b) {
    v.number(b.rows);
    v.time(b.complete);
  }
};

// The value rows of a query.
struct ValueRowsState {
  std::uint64_t held = 0;           // slots that it holds
  Cycle there = 0;                  // when all issued bursts are complete
  std::vector<Burst> bursts;        // bursts by tile; without a DataSource only those that are not issued
  std::uint32_t first_waiting = 0;  // index of the first burst that waits; all after it wait too
  bool dropped = false;             // true if a merge dropped candidates
  std::uint32_t next_drop = 0;      // index of the next drop in QueryState::data

  static void describe(auto& v, auto& r) {
    v.number(r.held);
    v.time(r.there);
    v.list(r.bursts);
    v.number(r.first_waiting, r.dropped);
    v.transient(r.next_drop);
  }
};

struct QueryState {
  std::uint64_t group = 0;
  std::uint32_t lane = 0;
  bool empty = false;    // true if it has no valid key
  bool drained = false;  // true if it has drained by itself; Dispatch sees to the order
  RegisterState candidates;
  std::uint32_t shadow_merges = 0;  // merges that are requested and have not ended
  std::uint32_t merges_ended = 0;   // is used with a DataSource only
  ValueRowsState values;
  QueryData data;  // is empty without a DataSource

  static void describe(auto& v, auto& q) {
    v.group(q.group);
    v.number(q.lane, q.empty, q.drained, q.shadow_merges);
    v.part(q.candidates);
    v.part(q.values);
    v.transient(q.merges_ended, q.data);
  }
};

}  // namespace capcam::fast
