// Everything a core remembers from one cycle to the next.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "engines/fast/cycle.h"
#include "engines/fast/schedule.h"
#include "engines/fast/window.h"

namespace capcam::fast {

enum class EventType : std::uint32_t {
  enter,           // the next group enters
  load_keys,       // the first head's keys are requested
  fetch,           // a fetch of streamed keys is requested
  request_values,  // a tile (what: of the range) is written: its candidates are requested
  request_merge,   // a tile is written: no room for another
  drained,         // the last tile is written
  merge_ended,     // who: query; what: dropped candidates * 2 + last merge
  normalized,
  values_there,
  completed,
};

struct Event {
  Cycle time = 0;
  EventType type = EventType::enter;
  std::uint64_t who = 0;
  std::uint32_t what = 0;
  friend bool operator>(const Event& a, const Event& b) {
    if (a.time != b.time) return a.time > b.time;
    if (a.type != b.type) return a.type > b.type;
    return a.who != b.who ? a.who > b.who : a.what > b.what;
  }
};

struct MergeRequest {
  std::uint64_t query = 0;
  bool last = false;
};

struct KeyRequest {
  std::uint64_t bytes = 0;
  bool whole_head = false;
  std::uint64_t fetch = 0;
  std::uint32_t head = 0;  // whose keys
};

// A result of the last segment between the converters and the candidate register.
struct SlotState {
  Cycle written = never;
  std::uint64_t shown = 0;  // its place in ArrayState::shown
};

// What tile selection shows as busy or blocked: from start until end.
struct ShownState {
  Cycle start = 0;
  Cycle end = never;
};

struct ArrayState {
  Cycle free = 0;  // its last job is searched
  Cycle converters_free = 0;
  std::uint32_t programmed = 0;  // rows; resident keys

  bool has_job = false;
  bool opened = false;       // programmed, or on its way
  std::uint64_t job = 0;     // (tile of the group's range) * segments + segment
  std::uint32_t lane = 0;    // to be searched next
  bool awaits_keys = false;  // streamed keys
  std::uint64_t group = 0;
  Cycle opened_at = 0;  // end of programming
  Cycle previous = 0;   // result taken last, or end of programming

  bool pending = false;  // a result is at the converters
  std::uint64_t pending_group = 0;
  std::uint32_t pending_tile = 0;
  std::uint32_t pending_lane = 0;
  bool pending_last_segment = false;
  Cycle converted = 0;

  Window<SlotState> slots;   // of the results of the last segment
  Window<ShownState> shown;  // in order of start, from the first whose end is not known
  Cycle busy_until = 0;
  Cycle shown_until = 0;
};

inline constexpr std::uint32_t no_slot = ~std::uint32_t{0};

// A tile's score for a lane.
struct CellState {
  Cycle ready = 0;               // when the last segment so far was there; with all there: the earliest write
  std::uint32_t missing = 0;     // segments
  std::uint32_t slot = no_slot;  // of the array, modulo 2^32
};

struct GroupState {
  ProfilePointer profile;
  GroupDuties duties;
  Cycle entry = 0;
  std::uint64_t first_query = 0;
  std::uint32_t arrays_left = 0;       // that have searches to do
  Cycle searched = 0;                  // the last search so far
  std::vector<CellState> cells;        // [tile of the range][lane]
  std::vector<std::uint64_t> fetches;  // of each job; streamed keys only
};

struct Burst {
  std::uint32_t rows = 0;  // not dropped
  Cycle complete = never;  // never: not issued
};

// `rows` candidates of the tile written as number `burst` of a query are dropped by its merge number `merge`.
struct Drop {
  std::uint32_t merge = 0;
  std::uint32_t burst = 0;
  std::uint32_t rows = 0;
};

// What the converters of a tile's segment take: kind ramp.
struct TileConversion {
  Cycle cycles = 0;
  std::uint32_t steps = 0;
  std::uint64_t comparisons = 0;
};

// Whose value rows a query asks for, and which of them it drops.
struct BurstKeys {
  std::vector<std::vector<std::uint32_t>> bursts;   // of each tile; or the kept keys alone
  std::vector<std::vector<std::uint32_t>> dropped;  // by each of QueryData::drops
};

// What of a query's data decides times.
struct QueryData {
  std::vector<Drop> drops;                  // by merge
  std::vector<TileConversion> conversions;  // [tile of the head][segment]; kind ramp only
  BurstKeys keys;                           // for the log only
};

struct QueryState {
  std::uint64_t group = 0;
  std::uint32_t lane = 0;
  bool empty = false;           // no valid key
  std::uint32_t next_tile = 0;  // to be written next; the range's end: all are written
  std::uint32_t occupied = 0;   // candidates in the register
  bool awaits_lane = false;     // the lane's previous query holds the register
  bool awaits_room = false;
  bool has_lane_next = false;
  std::uint64_t lane_next = 0;      // the query that waits for this one's register
  Cycle last_write = 0;             // or when room came
  std::uint32_t shadow_merges = 0;  // requested and not ended
  std::uint32_t merges_ended = 0;
  bool drained = false;             // by itself; in order: see CoreState::next_drained
  std::uint64_t held = 0;           // value slots
  Cycle values_there = 0;           // all issued bursts are complete
  std::vector<Burst> bursts;        // by tile; without a DataSource only those not issued
  std::uint32_t first_waiting = 0;  // of bursts; all after it wait too
  std::uint32_t dropped = 0;        // candidates, in all
  std::vector<Drop> drops;
  std::uint32_t next_drop = 0;
  std::vector<TileConversion> conversions;
  BurstKeys keys;  // for the log only
};

struct FetchState {
  Cycle programmed = never;
  Cycle there = never;
};

struct CoreState {
  std::vector<Event> events;  // a heap, earliest first
  std::vector<ArrayState> arrays;
  Window<GroupState> groups;             // entered and not complete
  Window<QueryState> queries;            // entered and not complete
  std::vector<std::uint64_t> lane_last;  // the latest query of each lane, + 1

  // Entry
  Cycle gate = 0;            // when the next group may enter; never: not known
  Cycle keys_there = never;  // of the next head that awaits keys
  bool enter_posted = false;

  std::uint64_t next_drained = 0;  // queries before it have drained, in order
  std::uint64_t next_handed = 0;   // queries before it are handed over
  bool hand_requested = false;
  std::uint64_t undrained_groups = 0;
  std::uint64_t unhanded_groups = 0;
  Cycle association_accounted = 0;

  std::vector<MergeRequest> merges;  // waiting, in order
  bool merging = false;

  bool normalizing = false;  // the unit holds a query
  std::uint64_t normalized_query = 0;
  bool normalized_waits = false;
  Cycle normalized_since = 0;
  bool contextualizing = false;
  bool accumulating = false;  // its values are there
  bool values_posted = false;
  std::uint64_t contextualized_query = 0;

  std::uint64_t held = 0;  // value slots in use
  std::uint64_t waiting_bursts = 0;
  Cycle values_until = 0;  // the last issued burst is complete
  Cycle values_accounted = 0;

  Window<FetchState> fetches;  // whose request's time is known, numbered through the programming jobs
  std::uint64_t jobs_numbered = 0;
  Cycle fetch_requested = 0;  // the latest
};

// A state in canonical form, to be compared and restored.
struct SavedState {
  std::vector<std::int64_t> numbers;
  std::vector<ProfilePointer> profiles;  // of the groups in flight
};

}  // namespace capcam::fast
