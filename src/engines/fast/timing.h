// When everything happens: the time rules for a whole workload, without the arithmetic.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "engines/fast/core.h"
#include "engines/fast/machine.h"
#include "engines/fast/tally.h"
#include "stats/dram_log.h"
#include "workload/workload.h"

namespace capcam::fast {

struct TimingOptions {
  bool reuse = true;            // known transitions are not worked out again
  bool always_data = false;     // the data is looked at even where times cannot depend on it
  DramLog* dram_log = nullptr;  // told of every DRAM request; costs a look at the data
  std::function<bool()> stop_requested = [] { return false; };  // asked now and then; true: Interrupted is thrown
};

struct Timing {
  Cycle cycles = 0;
  Tally tally;
  std::vector<Cycle> completed;    // [head][query]
  std::vector<Cycle> first_entry;  // [head]
};

// `drops` is asked only where times depend on which candidates are dropped.
Timing time_workload(const Workload& workload, const Machine& machine, const DataSource& data,
                     const TimingOptions& options = {});

}  // namespace capcam::fast
