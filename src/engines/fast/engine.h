// The fast engine simulates the same machine as the SystemC engine. Its times are maxima and sums of completion times
// (docs/timing.md); its arithmetic is done apart from them, over threads. Rooms: schedule/ (the order of work), core/
// (a core's components), timing/ (the times of a workload), results/ (the arithmetic).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "capcam/config.h"
#include "capcam/engine.h"
#include "capcam/result_sink.h"
#include "capcam/run_stats.h"
#include "mapping/mapping.h"
#include "stats/dram_log.h"
#include "workload/workload.h"

namespace capcam {

// Simulates the whole workload. The calling thread works out the times while the others begin with the arithmetic; then
// all do arithmetic. `sink` sees every query once, from one thread at a time, the queries of a head in order; heads may
// take turns; every ResultSink::completed() comes last. The result does not depend on `threads`.
RunStats simulate_fast(const Workload& workload, const Config& config, const Mapping& mapping, ResultSink& sink,
                       unsigned threads, DramLog* dram_log = nullptr);

// Gives cycles, stages and actions alone, without a result. The figures are the same. Scores are worked out only where
// times depend on them (value slots that are too few, ramps) and matching cells are counted by columns, so machines
// that differ in timing or cost share one compute_fast. `stop_requested` is asked now and then; Interrupted is thrown
// when it says true. Matching cells are counted by `threads` threads, one head each; the result does not depend on
// them.
RunStats time_fast(
    const Workload& workload, const Config& config, const Mapping& mapping,
    const std::function<bool()>& stop_requested = [] { return false; }, DramLog* dram_log = nullptr,
    unsigned threads = 1);

// Gives the results alone, without a cycle: the part that time_fast leaves out.
void compute_fast(const Workload& workload, const Config& config, const Mapping& mapping, ResultSink& sink,
                  unsigned threads);

}  // namespace capcam
