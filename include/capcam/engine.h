// An engine computes what a machine does with a workload, and when. All engines give the same figures. `systemc` (in
// capcam::systemc, header capcam/systemc/engine.h) is the reference; `fast` is for speed.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "capcam/config.h"
#include "capcam/result_sink.h"
#include "capcam/run_stats.h"

namespace capcam {

class DramLog;
class Workload;
struct Mapping;

// The input of an engine. Everything must outlive the run.
struct EngineTask {
  const Workload& workload;
  const Config& config;
  const Mapping& mapping;
  ResultSink& results;          // is told of every completion, and is asked whether to stop
  bool results_wanted = true;   // if false, cycles and actions are enough and results.take() need not be called
  DramLog* dram_log = nullptr;  // is told of every memory request; may be null
};

class Engine {
 public:
  virtual ~Engine() = default;
  // Returns the name in reports and on the command line.
  virtual std::string_view name() const = 0;
  // Throws LawBroken if a law of the simulator does not hold, Interrupted if results.stop_requested().
  virtual RunStats run(const EngineTask& task) const = 0;
  // Computes only the results. An engine that can leave times out is faster here.
  virtual void compute(const EngineTask& task) const { run(task); }
  // Returns the number of threads of compute() if it is much faster than run().
  virtual std::optional<unsigned> compute_threads() const { return std::nullopt; }
};

// Without a number of threads, there is one per processor. The figures do not depend on the number. Throws InputError
// if it is 0.
std::unique_ptr<Engine> fast_engine(std::optional<unsigned> threads = {});

}  // namespace capcam
