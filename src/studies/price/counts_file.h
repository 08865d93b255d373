// The counts of a finished run, read back from its report.json, so that the run can be priced again under other cards.
// The file is not trusted: every figure is checked.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "capcam/config.h"
#include "capcam/run_stats.h"
#include "capcam/trace.h"

namespace capcam {

struct CountedRun {
  RunStats stats;  // has cycles, head_queries and counts, but no stages and no heads
  TraceShape shape;
  std::string engine;
};

// Throws InputError with every problem: every figure that is missing or does not fit the report's schema, and every key
// in which `config` differs from the machine that ran. Keys that only decide prices may differ: [cost],
// memory.dram_card, and, if the circuit has no errors, sensing.supply_v and sensing.cell_capacitance_ff.
CountedRun read_counts(const std::filesystem::path& report_json, const Config& config);

}  // namespace capcam
