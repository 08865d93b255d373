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
  std::uint32_t line_bytes = 64;  // bytes of a line of the memory: 32 or 64
};

struct SimulateOptions {
  // The share of the queries whose output is compared; 0 compares none.
  double accuracy_share = 1.0;
  // Replaces accuracy_share, if present: as many queries are compared as this many times the time of the simulation
  // without accuracy allows, at most all. With an engine for which comparing costs less anyway, all are compared. The
  // report states the share.
  std::optional<double> accuracy_budget;
  // Sees what comes out, and is asked whether to stop. May be null.
  ResultSink* results = nullptr;
  // Must be true if `results` needs keys and outputs of every query, not only completions.
  bool results_wanted = false;
  // Names a folder of the user's cards, laid out like models/.
  std::optional<std::filesystem::path> models;
  // Asks what the run means for a battery.
  std::optional<BatteryRequest> battery;
  // Names the file to which the attention outputs are written (safetensors).
  std::optional<std::filesystem::path> outputs_file;
  // Asks for a file of the memory requests.
  std::optional<DramTraceRequest> dram_trace;
  // Gets outputs_file, so that it appears together with other files. May be null; the file then appears at once.
  OutputSet* files = nullptr;
  // Has the cards that price the run. May be null; they are then read by read_cards(config, models).
  const CardLibrary* cards = nullptr;
  // Asks how area and energy spread with the cards (library physical).
  bool draw_cards = false;
  // May be empty; accuracy is then measured in the run itself.
  AccuracyMemory accuracy_memory;
};

// Throws InputError if the trace does not fit the machine, the machine cannot be priced or the trace's file changed in
// the meantime, LawBroken if a law of the simulator does not hold, Interrupted if options.results asks to stop.
Report simulate(const Config& config, const PreparedTrace& trace, const Engine& engine,
                const SimulateOptions& options = {});
Report simulate(const Config& config, const Trace& trace, const Engine& engine, const SimulateOptions& options = {});

// Measures only the accuracy of a share of the queries: no cycle is counted and nothing is priced. Throws InputError if
// the trace does not fit the machine, Interrupted if `stop_requested` returns true; it is asked after every query.
Accuracy measure_accuracy(const Config& config, const PreparedTrace& trace, const Engine& engine, double share,
                          const std::function<bool()>& stop_requested);

}  // namespace capcam
