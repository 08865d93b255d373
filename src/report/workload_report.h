// The meaning of a run for the workload its trace stands for: time and energy of an inference against real time, and
// the load on a battery. Only attention counts: projections, feed-forward layers and the rest of the model come on top.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "capcam/trace.h"
#include "capcam/workload_report.h"
#include "workload/budget.h"

namespace capcam {

// Returns nothing if neither a workload nor a battery is known.
std::optional<WorkloadReport> workload_report(const std::optional<WorkloadBudget>& budget,
                                              const std::optional<BatteryRequest>& battery, const TraceShape& shape,
                                              std::uint64_t layers_run, double run_us, double run_pj);

nlohmann::ordered_json workload_json(const WorkloadReport& report);
std::string workload_text(const WorkloadReport& report);

}  // namespace capcam
