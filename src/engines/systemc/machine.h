// The machine has cores, the memory behind them, and the collector of what they put out.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "capcam/engine.h"
#include "capcam/systemc/engine.h"
#include "engines/systemc/collector.h"
#include "engines/systemc/core.h"

namespace capcam::systemc {

class Machine final : private MemoryAnswerIf {
  const EngineTask task_;
  const ServiceTimes times_;
  const MemoryLayout layout_;
  const capcam::Sensing sensing_;
  Heads heads_;
  RunStats stats_;

 public:
  // Everything in `task` must outlive the machine. One machine per process: the SystemC kernel elaborates once.
  explicit Machine(const EngineTask& task, const SystemcOptions& options = {}, const StageMakers& make = {});

  // Throws LawBroken if the machine stops with work left (the message holds every module's state) or another law of the
  // simulator does not hold; Interrupted if the sink asks to stop.
  RunStats run();

  Clock clock;
  std::unique_ptr<Memory> memory;
  std::vector<std::unique_ptr<Core>> cores;
  Collector collector;

 private:
  void answer(std::uint32_t core, MemoryTraffic traffic, std::uint64_t tag, const sc_core::sc_time& at) override;
  void simulate();
  void check_all_done() const;
  void sum_completions();
  void close_books();
  void sum_stages();
};

}  // namespace capcam::systemc
