// The times of a whole workload by the timing rules, without the arithmetic.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "engines/fast/core/query_data.h"
#include "engines/fast/core/tally.h"
#include "engines/fast/schedule/timing_rules.h"
#include "stats/dram_log.h"
#include "workload/workload.h"

namespace capcam::fast {

struct TimingOptions {
  bool reuse = true;            // if true, known transitions are not worked out again
  bool always_data = false;     // if true, the data is looked at even where times cannot depend on it
  DramLog* dram_log = nullptr;  // takes every DRAM request; the data is looked at then
  // Is asked now and then. Interrupted is thrown when it returns true.
  std::function<bool()> stop_requested = [] { return false; };
};

struct Timing {
  Cycle cycles = 0;
  Tally tally;
  std::vector<Cycle> completed;    // [head][query]
  std::vector<Cycle> first_entry;  // [head]
};

// `data` is asked only where times depend on it.
Timing time_workload(const Workload& workload, const TimingRules& rules, const DataSource& data,
                     const TimingOptions& options = {});

}  // namespace capcam::fast
