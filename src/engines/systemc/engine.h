// Runs the machine of SystemC modules (machine.h) once and lets people watch.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "capcam/config.h"
#include "capcam/result_sink.h"
#include "capcam/run_stats.h"
#include "capcam/systemc/engine.h"
#include "mapping/mapping.h"
#include "stats/dram_log.h"
#include "workload/workload.h"

namespace capcam {

// Throws as systemc::Machine::run() does.
RunStats simulate_systemc(const Workload& workload, const Config& config, const Mapping& mapping, ResultSink& sink,
                          const SystemcOptions& options = {}, DramLog* dram_log = nullptr);

}  // namespace capcam
