// One simulation, from a config and a trace to a report.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "report/dram_trace.h"
#include "report/report.h"
#include "stats/result_sink.h"
#include "systemc/engine.h"

namespace capcam {

struct RunRequest {
  std::filesystem::path config;
  std::vector<std::string> sets;  // "array.rows=32"
  std::filesystem::path trace;
  std::optional<std::string> layers;         // "0,3-5"
  std::optional<std::filesystem::path> out;  // folder
  bool save_output = false;                  // outputs.safetensors in it
  std::string engine;                        // "systemc", "fast"; empty: by size
  unsigned threads = 0;                      // of the fast engine; 0: as many as there are processors
  std::filesystem::path models;              // cards of the user's own; empty: none
  std::uint64_t seed = 1;
  double accuracy_share = 1.0;
  WatchOptions watch;
  std::optional<std::filesystem::path> dram_trace;
  DramFormat dram_format = DramFormat::ramulator;
  std::optional<BatteryRequest> battery;
};

// What the caller wants to hear while it runs.
class RunListener : public ResultSink {
 public:
  virtual void engine_chosen(const std::string& engine, const std::string& why) = 0;
  virtual void begins(std::uint64_t head_queries) = 0;
};

// Throws InputError, LawBroken or Interrupted. With `out`, report.json and heads.csv are written at the end.
Report run(const RunRequest& request, RunListener& listener);

}  // namespace capcam
