// The one way from a config and a trace to a report. The command line, sweeps, studies and Python all go through it:
//
//   trace -> workload -> mapping -> engine -> stats -> cost -> report        src/simulate/simulate.cpp, top to bottom
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

#include "capcam/accuracy.h"
#include "capcam/config.h"
#include "capcam/dram_format.h"
#include "capcam/engine.h"
#include "capcam/report.h"
#include "capcam/trace.h"

namespace capcam {

struct CardLibrary;
class OutputSet;
class Workload;

// A trace that many machines replay. Its values are read and its file is digested once, when first needed.
class PreparedTrace {
 public:
  explicit PreparedTrace(Trace trace);
  ~PreparedTrace();
  PreparedTrace(const PreparedTrace&) = delete;
  PreparedTrace& operator=(const PreparedTrace&) = delete;

  const Trace& trace() const;
  // Throws InputError naming tensor and index of every NaN or infinity in Q and K. May be called from any thread.
  const Workload& workload() const;
  const Report::TraceInfo& info() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Returns the accuracy of a machine: the result of `measure`, or that of an earlier call for a machine with the same
// outputs.
using AccuracyMemory = std::function<Accuracy(const Config& config, const std::function<Accuracy()>& measure)>;

struct DramTraceRequest {
  std::filesystem::path path;
  DramFormat format = DramFormat::ramulator;
  std::uint32_t line_bytes = 64;  // of the memory: 32 or 64
};

struct SimulateOptions {
  double accuracy_share = 1.0;  // of the queries whose output is compared; 0: none
  // If above 0, it replaces accuracy_share: as many queries are compared as this many times the time of the simulation
  // without accuracy allows, at most all; all with an engine for which comparing costs less anyway. The report states
  // the share.
  double accuracy_budget = 0.0;
  ResultSink* results = nullptr;  // sees what comes out, and is asked whether to stop; null: nobody asks
  bool results_wanted = false;    // `results` needs keys and outputs of every query, not only completions
  std::filesystem::path models;   // a folder of the user's cards, laid out like models/; empty: none
  std::optional<BatteryRequest> battery;
  std::optional<std::filesystem::path> outputs_file;  // is written: outputs.safetensors
  std::optional<DramTraceRequest> dram_trace;         // is written: the memory requests
  OutputSet* files = nullptr;                         // gets outputs_file, to appear with others; null: at once
  const CardLibrary* cards = nullptr;                 // those that price the run; null: read_cards(config, models)
  AccuracyMemory accuracy_memory;                     // empty: accuracy is measured in the run itself
};

// Throws InputError if the trace does not fit the machine, the machine cannot be priced or the trace's file changed in
// the meantime, LawBroken if a law of the
// simulator does not hold, Interrupted if options.results asks to stop.
Report simulate(const Config& config, const PreparedTrace& trace, const Engine& engine,
                const SimulateOptions& options = {});
Report simulate(const Config& config, const Trace& trace, const Engine& engine, const SimulateOptions& options = {});

// Measures only the accuracy of a share of the queries: no cycle is counted and nothing is priced. Throws InputError if
// the trace does not fit the machine, Interrupted if `stop_requested` returns true; it is asked after every query.
Accuracy measure_accuracy(const Config& config, const PreparedTrace& trace, const Engine& engine, double share,
                          const std::function<bool()>& stop_requested);

}  // namespace capcam
