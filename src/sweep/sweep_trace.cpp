// SPDX-License-Identifier: Apache-2.0
#include "sweep/sweep_trace.h"

#include "core/error.h"

namespace capcam {

SweepTrace::SweepTrace(const std::filesystem::path& path, const std::optional<std::string>& layers)
    : trace_(open_trace(path)), budget_(read_budget(trace_)) {
  if (layers) keep_layers(trace_, *layers);
  info_ = trace_info(trace_);
}

const Workload& SweepTrace::workload() const {
  std::call_once(once_, [this] { workload_.emplace(trace_, Config{}); });
  return *workload_;
}

SweepTraces open_traces(const SweepFile& file) {
  SweepTraces traces;
  std::vector<std::string> problems;
  for (const std::filesystem::path& path : file.traces) {
    try {
      traces.push_back(std::make_unique<const SweepTrace>(path, file.layers));
    } catch (const InputError& error) {
      problems.emplace_back(error.what());
    }
  }
  if (!problems.empty()) throw InputError("the traces of the sweep " + file.path.string(), std::move(problems));
  return traces;
}

}  // namespace capcam
