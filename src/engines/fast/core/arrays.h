// The arrays of a core: they take their jobs of a group in order, as far ahead as is known. Each array has three
// stages, whose rules are in key_programming.cpp, cam_array.cpp and sensing.cpp.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engines/fast/core/context.h"
#include "engines/fast/core/dispatch.h"
#include "engines/fast/core/key_stream.h"
#include "engines/fast/core/tile_selection.h"

namespace capcam::fast {

struct ArrayState {
  std::uint32_t programmed = 0;  // rows that hold resident keys

  // What follows describes the job in hand. A waiting group finds all jobs done.
  bool has_job = false;
  bool opened = false;       // the job is programmed, or will be at opened_at
  bool awaits_keys = false;  // the job's streamed keys are not known to come
  std::uint64_t group = 0;
  std::uint64_t job = 0;   // (tile of the group's range) * segments + segment
  std::uint32_t lane = 0;  // the lane that is searched next
  Cycle opened_at = 0;     // end of programming
  Cycle previous = 0;      // the result that was taken last, or the end of programming
  Cycle free = 0;          // when the last job is searched

  std::optional<ArrayResult> converting;
  Cycle converters_free = 0;

  static void describe(auto& v, auto& a) {
    v.number(a.programmed);
    v.transient(a.has_job, a.opened, a.awaits_keys, a.group, a.job, a.lane, a.opened_at, a.previous);
    v.time(a.free);
    v.optional(a.converting);
    v.time(a.converters_free);
  }
};

class Arrays {
 public:
  Arrays(CoreContext& core, KeyStream& key_stream, TileSelection& tile_selection, Dispatch& dispatch);

  // From now on, resident arrays must be programmed again.
  void forget_keys();
  // The arrays start on the group that entered last.
  void begin_group();
  // Lets those arrays go on whose keys are on their way, or whose result finds a slot.
  void keys_come();
  void go_on();

  void describe(StateCodec& v);

 private:
  void next_job(ArrayState& array, std::uint64_t from);
  void number_jobs(GroupState& group);
  void step(std::uint32_t number);
  void program(std::uint32_t number);
  void search(ArrayState& array);
  void end_job(ArrayState& array, Cycle searched);
  bool convert(std::uint32_t number);
  std::uint32_t tile_of(const ArrayState& array) const {
    return static_cast<std::uint32_t>(array.job / core_.rules.segments);
  }
  std::uint32_t segment_of(const ArrayState& array) const {
    return static_cast<std::uint32_t>(array.job % core_.rules.segments);
  }

  CoreContext& core_;
  KeyStream& key_stream_;
  TileSelection& tile_selection_;
  Dispatch& dispatch_;
  std::vector<ArrayState> arrays_;
  std::vector<std::uint32_t> without_keys_;  // arrays whose next job's keys have no known time
};

}  // namespace capcam::fast
