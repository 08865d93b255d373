// The run of one core, with the place where its times and sums go.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "engines/fast/core/core.h"
#include "engines/fast/timing/automaton.h"
#include "engines/fast/timing/timing.h"

namespace capcam::fast {

// The end of a core's run. Its last value rows, for which nobody waits, may come after its last completion.
struct Tail {
  Cycle from = 0;
  Cycle until = 0;
};

class CoreRun {
 public:
  CoreRun(const Workload& workload, const TimingRules& rules, ProfileTable& profiles, DramChannel& dram,
          const DataSource* data, const TimingOptions& options, std::uint32_t number, Timing& timing);

  Cycle next_time() const { return core_.next_time(); }
  bool finished() const { return core_.finished(); }
  // Takes one cycle in which something happens.
  void advance();
  // Takes all cycles, one after another.
  void run();
  // Does the same with transitions that are known already.
  void run_with(Automaton& automaton);
  // Must be called once, after the run.
  Tail finish();

 private:
  void process();
  bool until_group_waits();
  bool find_following(std::uint64_t group);
  Transition work_out(Automaton& automaton, std::uint64_t group, Cycle now);
  void take_record();
  void write_times(const Record& record, Cycle now, std::uint64_t first_query, std::uint64_t group);

  const TimingRules& rules_;
  ProfileTable& profiles_;
  std::uint32_t number_;
  Schedule schedule_;
  Core core_;
  const TimingOptions& options_;
  Timing& timing_;
  std::vector<std::uint64_t> following_;  // kinds of the groups after one, up to the next that is not empty
};

}  // namespace capcam::fast
