// Neighbours of a stage under test: a source that pushes tokens at given cycles, and a sink that takes them at leisure.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "capcam/run_stats.h"
#include "engines/systemc/fifo.h"
#include "engines/systemc/group.h"
#include "engines/systemc/tokens.h"
#include "kernels/sensing.h"
#include "mapping/mapping.h"
#include "support/random_trace.h"

namespace capcam::testing {

// A head of one group, as the stages see it; the machine is the default one unless `change` says otherwise, and all
// keys are valid unless `valid` lists those that are.
struct StageCase {
  explicit StageCase(
      const TraceShape& shape = {1, 1, 1, 1, 64, 64, 8}, const std::function<void(Config&)>& change = [](Config&) {},
      const std::vector<bool>& valid = {})
      : config([&] {
          Config c;
          change(c);
          return c;
        }()),
        trace([&] {
          Trace t = random_trace(shape, 1, 7);
          if (!valid.empty()) set_mask(t, 0, valid);
          return t;
        }()),
        workload(trace, config),
        mapping(map_onto(trace.shape, config)),
        sensing(config.sensing, mapping.segmentation),
        source(workload, mapping, 0, 1),
        clock(config.clock.frequency_ghz) {}
  Config config;
  Trace trace;
  Workload workload;
  Mapping mapping;
  Sensing sensing;
  GroupSource source;
  Clock clock;
  ActionCounts counts;
  Group& group() { return *source.at(0); }
};

// Pushes `count` tokens, the i-th for cycle due(i) or as soon after as there is a place.
template <class T>
class Source final : public Stage {
 public:
  Source(const sc_core::sc_module_name& name, Clock& clock, Fifo<T>& out, std::size_t count,
         std::function<Cycle(std::size_t)> due, std::function<void(std::size_t, T&)> fill)
      : Stage(name, clock), out_(out), count_(count), due_(std::move(due)), fill_(std::move(fill)) {
    out.bind_writer(wake);
    wake.notify(sc_core::SC_ZERO_TIME);
  }
  std::string state() const override { return name(); }
  std::vector<Cycle> pushed;

 private:
  void step() override {
    for (; pushed.size() < count_;) {
      const std::size_t i = pushed.size();
      if (!out_.can_push()) return;
      const Cycle at = std::max(due_(i), out_.free_from());
      if (at > now()) return wake_at(at);
      fill_(i, out_.next());
      out_.push(at);
      pushed.push_back(at);
    }
  }
  Fifo<T>& out_;
  std::size_t count_;
  std::function<Cycle(std::size_t)> due_;
  std::function<void(std::size_t, T&)> fill_;
};

// Takes every token, `stall(i)` cycles after the i-th is there, and keeps it.
template <class T>
class Sink final : public Stage {
 public:
  Sink(
      const sc_core::sc_module_name& name, Clock& clock, Fifo<T>& in,
      std::function<Cycle(std::size_t)> stall = [](std::size_t) { return Cycle{0}; })
      : Stage(name, clock), in_(in), stall_(std::move(stall)) {
    in.bind_reader(wake);
  }
  std::string state() const override { return name(); }
  std::vector<Cycle> ready;  // cycle in which each was there
  std::vector<T> tokens;

 private:
  void step() override {
    for (;;) {
      if (!in_.has_token()) return;
      const Cycle at = in_.ready_at() + stall_(tokens.size());
      if (at > now()) return wake_at(at);
      ready.push_back(in_.ready_at());
      tokens.push_back(in_.front());
      in_.pop();
    }
  }
  Fifo<T>& in_;
  std::function<Cycle(std::size_t)> stall_;
};

// Run to just before a cycle, and to just after it has begun. A token that is there only after the second came in that
// cycle.
inline void run_to_eve_of(Clock& clock, Cycle cycle) {
  const std::uint64_t fs = clock.until_fs(cycle, Phase::work);
  sc_core::sc_start(sc_core::sc_time::from_value(fs - 1));
  clock.read();
}
inline void run_into(Clock& clock, Cycle cycle) {
  const std::uint64_t fs = clock.until_fs(cycle, Phase::work);
  sc_core::sc_start(sc_core::sc_time::from_value(fs + 1));
  clock.read();
}

// Every cycle up to `end` is exactly one of busy, starved and blocked.
inline bool conserves(const auto& ledger, Cycle end) {
  return ledger.busy() + ledger.starved() + ledger.blocked() == end;
}

}  // namespace capcam::testing
