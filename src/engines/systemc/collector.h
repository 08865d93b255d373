// The collector takes what leaves the cores, hands it to the caller and ends the run when everything is done.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "capcam/result_sink.h"
#include "capcam/run_stats.h"
#include "engines/systemc/fifo.h"
#include "engines/systemc/module.h"
#include "engines/systemc/tokens.h"

namespace capcam::systemc {

class Collector final : public Module {
 public:
  In<Output, 0> outputs{"outputs"};  // outputs of each core

  // Counts what one core has completed.
  struct Completions {
    std::uint64_t count = 0;
    Cycle first = 0, last = 0;
  };
  // Ends the simulation when `expected` outputs have come, or the sink asks to stop.
  Collector(const sc_core::sc_module_name& name, Clock& clock, ResultSink& sink, std::vector<HeadStats>& heads,
            std::uint32_t cores, std::uint64_t expected);
  std::string state() const override;
  const std::vector<Completions>& completions() const { return completions_; }
  std::uint64_t completed() const { return completed_; }

 private:
  void step() override;
  void end();

  ResultSink& sink_;
  std::vector<HeadStats>& heads_;
  std::vector<Completions> completions_;  // counts of each core
  const std::uint64_t expected_;
  std::uint64_t completed_ = 0;
  sc_core::sc_event over_;  // is notified when the last cycle is over
};

}  // namespace capcam::systemc
