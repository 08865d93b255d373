// The budget of a trace in real time: the model it is a part of and the speed that model must have. It stands in the
// trace's metadata: workload, workload.layers, workload.heads, and workload.audio_s or workload.tokens_per_s.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "capcam/trace.h"

namespace capcam {

struct WorkloadBudget {
  std::string name;
  std::optional<std::uint64_t> layers;  // attention blocks of one inference, if not as many as the trace has
  std::optional<std::uint64_t> heads;   // heads of each block, if not as many as the trace has
  std::optional<double> audio_s;        // audio that an inference covers, if that is the budget
  std::optional<double> tokens_per_s;   // rate that the queries must keep, one per token, if that is the budget
};

// Returns nothing if the trace does not name a workload. Throws InputError with every key that does not parse.
std::optional<WorkloadBudget> read_budget(const Trace& trace);

void write_budget(const WorkloadBudget& budget, std::map<std::string, std::string>& metadata);

}  // namespace capcam
