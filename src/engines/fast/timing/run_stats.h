// The statistics of a run, as reports show them, from its times.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "capcam/config.h"
#include "capcam/run_stats.h"
#include "engines/fast/timing/timing.h"

namespace capcam::fast {

RunStats run_stats(const Workload& workload, const Config& config, const TimingRules& rules, const Timing& timing);

}  // namespace capcam::fast
