// What a trace stands for in real time: the model it is a part of, and how fast that must be. Travels in the trace's
// metadata: workload, workload.layers, workload.heads, and workload.audio_s or workload.tokens_per_s.
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
  std::uint64_t layers = 0;   // attention blocks of one inference; 0: those of the trace
  std::uint64_t heads = 0;    // of each; 0: those of the trace
  double audio_s = 0.0;       // that an inference covers; 0: no such budget
  double tokens_per_s = 0.0;  // that its queries must keep, each a token; 0: no such budget
};

// Nothing if the trace does not name a workload. Throws InputError with every key that does not parse.
std::optional<WorkloadBudget> read_budget(const Trace& trace);

void write_budget(const WorkloadBudget& budget, std::map<std::string, std::string>& metadata);

}  // namespace capcam
