// A machine that is configured and priced once and then given traces: the flow of src/flow.cpp on the fast engine.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "config/config.h"
#include "cost/library.h"
#include "mapping/mapping.h"
#include "report/report.h"
#include "stats/result_sink.h"
#include "trace/trace.h"

namespace capcam::python {

class Machine {
 public:
  // `config`: the name of a shipped configuration or the path of one. `models`: cards of the user's own; empty: none.
  // Throws InputError.
  Machine(const std::string& config, const std::vector<std::string>& sets, std::uint64_t seed,
          const std::filesystem::path& models);

  const Config& config() const { return config_; }

  // `outputs` sees every result, and is asked whether to stop. threads 0: one a processor.
  Report replay(const Trace& trace, unsigned threads, double accuracy_share, ResultSink& outputs) const;
  // The same without results: cycles, actions and their cost.
  Report time(const Trace& trace, const ResultSink& stop) const;

 private:
  Report report(const Trace& trace, const Mapping& mapping, RunStats stats, const Accuracy& accuracy) const;

  Config config_;
  CardLibrary cards_;
};

}  // namespace capcam::python
