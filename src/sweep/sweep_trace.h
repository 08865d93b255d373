// A trace that a sweep replays on many machines: opened, measured and digested once.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "report/report.h"
#include "sweep/sweep_file.h"
#include "workload/budget.h"
#include "workload/workload.h"

namespace capcam {

class SweepTrace {
 public:
  SweepTrace(const std::filesystem::path& path, const std::optional<std::string>& layers);

  const Trace& trace() const { return trace_; }
  const Report::TraceInfo& info() const { return info_; }
  const std::optional<WorkloadBudget>& budget() const { return budget_; }
  // For any machine: Workload(workload(), config). Reads every value the first time.
  const Workload& workload() const;

 private:
  Trace trace_;
  std::optional<WorkloadBudget> budget_;
  Report::TraceInfo info_;
  mutable std::once_flag once_;
  mutable std::optional<Workload> workload_;
};

using SweepTraces = std::vector<std::unique_ptr<const SweepTrace>>;

// Throws InputError with the problems of all traces.
SweepTraces open_traces(const SweepFile& file);

}  // namespace capcam
