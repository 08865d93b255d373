// Neighbours for a stage under test: a source that pushes tokens when it is told to, a sink that takes them at leisure.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "engines/systemc/context.h"
#include "engines/systemc/fifo.h"
#include "engines/systemc/module.h"
#include "engines/systemc/schedule.h"
#include "engines/systemc/tokens.h"
#include "support/random_trace.h"

namespace capcam::testing {

// A workload and a machine, as the stages see them; the machine is the default one unless `change` says otherwise, and
// all keys are valid unless `valid` lists which.
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
        times(config, mapping, trace.shape),
        layout(workload, config, mapping),
        sensing(config, mapping.segmentation),
        heads(workload),
        clock(config.clock.frequency_ghz),
        context{clock, workload, config, mapping, times, layout, sensing, heads, counts} {
    systemc::Schedule schedule(workload, heads, mapping, 0, 1);
    for (; schedule.next() != nullptr; schedule.advance()) groups.push_back(*schedule.next());
  }
  Config config;
  Trace trace;
  Workload workload;
  Mapping mapping;
  ServiceTimes times;
  MemoryLayout layout;
  Sensing sensing;
  systemc::Heads heads;
  systemc::Clock clock;
  ActionCounts counts;
  systemc::Context context;
  std::vector<systemc::Group> groups;  // all of the core's

  const systemc::Group& group() const { return groups.front(); }
  // The query of a group that has one.
  const systemc::QueryTag& query(std::size_t group = 0) const { return groups.at(group).queries.front(); }
};

// Pushes `count` tokens, the i-th for cycle due(i) or as soon after as there is a place.
template <class T>
class Source final : public systemc::Module {
 public:
  Source(const sc_core::sc_module_name& name, systemc::Clock& clock, systemc::WriteIf<T>& to, std::size_t count,
         std::function<Cycle(std::size_t)> due, std::function<void(std::size_t, T&)> fill)
      : Module(name, clock), count_(count), due_(std::move(due)), fill_(std::move(fill)) {
    out_(to);
    sensitive << out_.freed();
  }
  std::string state() const override { return name(); }
  std::vector<Cycle> pushed;

 private:
  void step() override {
    for (; pushed.size() < count_;) {
      const std::size_t i = pushed.size();
      if (out_->place() == nullptr) return;
      const Cycle at = std::max(due_(i), out_->free_from());
      if (at > now()) return wake_at(at);
      fill_(i, *out_->place());
      out_->push(now());
      pushed.push_back(now());
    }
  }
  systemc::Out<T> out_{"out"};
  std::size_t count_;
  std::function<Cycle(std::size_t)> due_;
  std::function<void(std::size_t, T&)> fill_;
};

// Takes every token, `stall(i)` cycles after the i-th is there, and keeps it.
template <class T>
class Sink final : public systemc::Module {
 public:
  Sink(
      const sc_core::sc_module_name& name, systemc::Clock& clock, systemc::ReadIf<T>& from,
      std::function<Cycle(std::size_t)> stall = [](std::size_t) { return Cycle{0}; })
      : Module(name, clock), stall_(std::move(stall)) {
    in_(from);
    sensitive << in_.written();
  }
  std::string state() const override { return name(); }
  std::vector<Cycle> ready;  // when each was there
  std::vector<T> tokens;

 private:
  void step() override {
    while (const T* const token = in_->front()) {
      const Cycle at = in_->ready_at() + stall_(tokens.size());
      if (at > now()) return wake_at(at);
      ready.push_back(in_->ready_at());
      tokens.push_back(*token);
      in_->pop();
    }
  }
  systemc::In<T> in_{"in"};
  std::function<Cycle(std::size_t)> stall_;
};

// Runs to just before a cycle, and to just after it has begun: what is there in one and not in the other came in that
// cycle.
inline void run_to_eve_of(systemc::Clock& clock, Cycle cycle) {
  sc_core::sc_start(sc_core::sc_time::from_value(clock.until_fs(cycle) - 1));
  clock.read();
}
inline void run_into(systemc::Clock& clock, Cycle cycle) {
  sc_core::sc_start(sc_core::sc_time::from_value(clock.until_fs(cycle) + 1));
  clock.read();
}

// Every cycle up to `end` is exactly one of busy, starved and blocked.
inline bool conserves(const auto& ledger, Cycle end) {
  return ledger.busy() >= 0 && ledger.starved() >= 0 && ledger.blocked() >= 0 &&
         ledger.busy() + ledger.starved() + ledger.blocked() == end;
}

}  // namespace capcam::testing
