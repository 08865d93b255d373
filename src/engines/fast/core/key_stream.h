// Brings keys from DRAM: those of whole heads if they fit the key SRAM, otherwise those of each job that programs, as
// far ahead as the key SRAM has room.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "engines/fast/core/context.h"
#include "engines/fast/schedule/key_order.h"

namespace capcam::fast {

class StateCodec;

// A fetch of streamed keys.
struct FetchState {
  Cycle programmed = never;
  Cycle there = never;

  static void describe(auto& v, auto& f) {
    v.request_time(f.programmed);
    v.time(f.there);
  }
};

struct KeyStreamState {
  Cycle head_there = never;    // keys of the next head that awaits them
  Window<FetchState> fetches;  // fetches whose request has a known time, numbered through the jobs that program
  std::uint64_t jobs_numbered = 0;
  Cycle requested = 0;  // the latest fetch

  static void describe(auto& v, auto& s) {
    v.time(s.head_there);
    v.window(s.fetches);
    v.relative(s.jobs_numbered, s.fetches.begin());
    v.request_time(s.requested);
  }
};

class KeyStream {
 public:
  explicit KeyStream(CoreContext& core) : core_(core), order_(core.schedule, core.rules) {}

  void start();

  // For whole heads: requests the keys of the head that begins with this group now.
  void load_head(std::uint64_t group);
  Cycle head_there() const { return state_.head_there; }
  void head_entered() { state_.head_there = never; }

  // For streamed keys: numbers the next job that programs.
  std::uint64_t number_job() { return state_.jobs_numbered++; }
  // Returns when its keys are there; never if that is not known.
  Cycle there(std::uint64_t job) const { return job < state_.fetches.end() ? state_.fetches[job].there : never; }
  // Takes note that the job's keys leave the key SRAM when they are programmed.
  void used(std::uint64_t job, Cycle programmed);

  // Handles the event `fetch`: the keys of this job are requested now.
  void request(std::uint64_t job, std::uint64_t bytes) { requests_.push_back({bytes, false, job, 0}); }
  // Hands the requests of this cycle to the DRAM channel. Returns false if there are none.
  bool submit();

  void describe(StateCodec& v);

 private:
  struct Request {
    std::uint64_t bytes = 0;
    bool whole_head = false;
    std::uint64_t job = 0;
    std::uint32_t head = 0;
  };
  // With unlimited bandwidth and without a log nobody asks in which cycle a fetch is requested.
  bool at_once() const { return core_.dram.unlimited() && core_.log == nullptr; }
  void request_ahead();
  void log(const Request& request);

  CoreContext& core_;
  KeyOrder order_;
  KeyStreamState state_;
  std::vector<Request> requests_;  // requests of this cycle
  std::deque<KeyFetch> to_log_;    // fetches whose request is posted
};

}  // namespace capcam::fast
