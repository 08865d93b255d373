// SPDX-License-Identifier: Apache-2.0
#include <mutex>

#include "capcam/simulate.h"
#include "report/make_report.h"
#include "workload/workload.h"

namespace capcam {

struct PreparedTrace::State {
  Trace trace;
  std::once_flag workload_once, info_once;
  std::optional<Workload> workload;
  Report::TraceInfo info;
};

PreparedTrace::PreparedTrace(Trace trace) : state_(std::make_unique<State>()) { state_->trace = std::move(trace); }
PreparedTrace::~PreparedTrace() = default;

const Trace& PreparedTrace::trace() const { return state_->trace; }

const Workload& PreparedTrace::workload() const {
  std::call_once(state_->workload_once, [this] { state_->workload.emplace(state_->trace, Config{}); });
  return *state_->workload;
}

const Report::TraceInfo& PreparedTrace::info() const {
  std::call_once(state_->info_once, [this] { state_->info = trace_info(state_->trace); });
  return state_->info;
}

}  // namespace capcam
