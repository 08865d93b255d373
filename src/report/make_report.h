// Makes a report of what a run counted and cost, and writes the report as JSON.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

#include "capcam/report.h"

namespace capcam {

// Reads the whole trace file once, for its SHA-256.
Report::TraceInfo trace_info(const Trace& trace);

// Throws LawBroken if cycles, actions or energy do not add up.
Report make_report(const Config& config, const Report::TraceInfo& trace, RunStats stats, Cost cost,
                   const Accuracy& accuracy, std::string_view engine, std::uint64_t seed);

// The schema is "capcam-report/1". Numbers read back to the same double; a figure without a value is null.
nlohmann::ordered_json report_to_json(const Report& report);

}  // namespace capcam
