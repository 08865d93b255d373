// The reference engine: the machine as SystemC modules. One run a process: the SystemC kernel allows one elaboration.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "capcam/config.h"
#include "capcam/result_sink.h"
#include "capcam/run_stats.h"
#include "engines/systemc/watch.h"
#include "mapping/mapping.h"
#include "stats/dram_log.h"
#include "workload/workload.h"

namespace capcam {

// Throws LawBroken if the machine stops with work left; the message holds every stage's state.
RunStats simulate_systemc(const Workload& workload, const Config& config, const Mapping& mapping, ResultSink& sink,
                          const WatchOptions& watch = {}, DramLog* dram_log = nullptr);

}  // namespace capcam
