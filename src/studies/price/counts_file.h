// What happened in a finished run, read back from its report.json: enough to price it again under other cards. The file
// is not trusted: every figure is checked.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "capcam/config.h"
#include "capcam/run_stats.h"
#include "capcam/trace.h"

namespace capcam {

struct CountedRun {
  RunStats stats;  // cycles, head_queries and counts; no stages and no heads
  TraceShape shape;
  std::string engine;
};

// Throws InputError with every problem: what is missing or no number of the report's schema, and every key in which
// `config` is another machine than the one that ran. Keys that decide prices alone may differ: [cost],
// memory.dram_card, and, while the circuit has no errors, sensing.supply_v and sensing.cell_capacitance_ff.
CountedRun read_counts(const std::filesystem::path& report_json, const Config& config);

}  // namespace capcam
