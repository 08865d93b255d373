// One core, event by event: the general form of the timing rules (docs/timing.md). Its components have the names of the
// SystemC modules; core.cpp says what follows from each event.
//
// Times of the arrays and of register writes are computed ahead as far as they are known (they are maxima and sums of
// earlier ones). Merges, hand-overs, value slots and DRAM requests must happen in order of time and are events. A
// core's events of one cycle are taken together by process(): first everything that costs no time, then at most one
// merge starts, and what follows from it; then value bursts are issued.
//
// The arrays start on a group only when begin_group() is called, at the end of the cycle in which it entered. There the
// state can be saved, and two equal states evolve alike (timing/automaton.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>

#include "engines/fast/core/arrays.h"
#include "engines/fast/core/context.h"
#include "engines/fast/core/contextualization.h"
#include "engines/fast/core/dispatch.h"
#include "engines/fast/core/key_stream.h"
#include "engines/fast/core/merge.h"
#include "engines/fast/core/prefetch.h"
#include "engines/fast/core/softmax.h"
#include "engines/fast/core/state_codec.h"
#include "engines/fast/core/tile_selection.h"
#include "engines/fast/core/value_load.h"

namespace capcam::fast {

class Core {
 public:
  Core(const TimingRules& rules, Schedule& schedule, DramChannel& dram, const DataSource* data, DramLog* log = nullptr,
       std::uint32_t number = 0)
      : context_{rules, schedule, dram, data, log, number} {}
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;

  void start();
  bool finished() const { return context_.queries.begin() == context_.schedule.queries(); }
  Cycle next_time() const { return context_.events.next_time(); }
  Cycle now() const { return context_.now; }
  // Does everything that happens in cycle next_time().
  void process();
  bool group_waits() const { return group_waits_; }
  void begin_group();

  Record& record() { return context_.record; }
  // Counts the stage cycles that are still running up to now.
  void settle_accounts();
  // Returns when the last value burst or load is complete.
  Cycle values_until() const { return std::max(prefetch_.until(), value_load_.until()); }
  std::uint64_t last_group() const { return context_.groups.end() - 1; }

  // Saves the state between process() and begin_group(), while a group waits. Accounts must be settled.
  SavedState save();
  // Goes on as if the saved state had been reached now, with this group waiting.
  void restore(const SavedState& saved, Cycle now, std::uint64_t group);

 private:
  void handle(const Event& event);
  void enter();
  void check_drained(std::uint64_t query);
  void drain();
  void hand_over_in_order();
  void hand_over(std::uint64_t query);
  bool start_merge();
  void merge_ended(std::uint64_t query, bool last, std::uint32_t dropped);
  void normalized();
  void pass_on();
  void complete(std::uint64_t query);
  Moment moment() const;
  void describe(StateCodec& codec);

  // In the order of the flow.
  CoreContext context_;
  KeyStream key_stream_{context_};
  Dispatch dispatch_{context_, key_stream_};
  TileSelection tile_selection_{context_};
  Arrays arrays_{context_, key_stream_, tile_selection_, dispatch_};
  Merge merge_{context_};
  Prefetch prefetch_{context_};
  ValueLoad value_load_{context_};
  Softmax softmax_{context_};
  Contextualization contextualization_{context_, prefetch_, value_load_};
  bool group_waits_ = false;
};

}  // namespace capcam::fast
