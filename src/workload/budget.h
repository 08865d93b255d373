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
  std::uint64_t layers = 0;   // attention blocks of one inference; 0: as many as the trace has
  std::uint64_t heads = 0;    // heads of each block; 0: as many as the trace has
  double audio_s = 0.0;       // audio that an inference covers; 0: no such budget
  double tokens_per_s = 0.0;  // rate that the queries must keep, one query per token; 0: no such budget
};

// Returns nothing if the trace does not name a workload. Throws InputError with every key that does not parse.
std::optional<WorkloadBudget> read_budget(const Trace& trace);

void write_budget(const WorkloadBudget& budget, std::map<std::string, std::string>& metadata);

}  // namespace capcam
