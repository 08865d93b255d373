// SPDX-License-Identifier: Apache-2.0
#include "studies/sweep/file/sweep_trace.h"

#include "capcam/error.h"
#include "workload/budget.h"

namespace capcam {

namespace {

std::unique_ptr<const PreparedTrace> prepare(const std::filesystem::path& path,
                                             const std::optional<std::string>& layers) {
  Trace trace = open_trace(path);
  read_budget(trace);  // refuses a budget that does not parse
  if (layers) keep_layers(trace, *layers);
  auto prepared = std::make_unique<const PreparedTrace>(std::move(trace));
  prepared->info();
  return prepared;
}

}  // namespace

SweepTraces open_traces(const SweepFile& file) {
  SweepTraces traces;
  std::vector<std::string> problems;
  for (const std::filesystem::path& path : file.traces) {
    try {
      traces.push_back(prepare(path, file.layers));
    } catch (const InputError& error) {
      problems.emplace_back(error.what());
    }
  }
  if (!problems.empty()) throw InputError("the traces of the sweep " + file.path.string(), std::move(problems));
  return traces;
}

}  // namespace capcam
