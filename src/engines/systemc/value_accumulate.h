// Contextualization: multiplies the weights with the value rows and adds them up; what leaves is the attention output.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "capcam/result_sink.h"
#include "capcam/run_stats.h"
#include "engines/systemc/fifo.h"
#include "engines/systemc/prefetch.h"
#include "engines/systemc/tokens.h"

namespace capcam {

class ValueAccumulate final : public Stage {
 public:
  // `prefetch`: nullptr if all value rows lie in the SRAM. `done`: tells the prefetch that a query's slots are free.
  // `completed`: told of every query; nullptr: nobody asks.
  ValueAccumulate(const sc_core::sc_module_name& name, Clock& clock, const Config& config, std::uint32_t value_dim,
                  Fifo<Weights>& weights, Prefetch* prefetch, Fifo<RowMessage>& done, GroupSource& groups,
                  ResultSink& sink, std::vector<HeadStats>& heads, ActionCounts& counts,
                  Fifo<QueryEvent>* completed = nullptr);
  std::string state() const override;
  void finish(Cycle end) { ledger.finish(end); }
  Ledger ledger;
  std::uint64_t completed() const { return completed_; }
  Cycle first_completion() const { return first_completion_; }
  Cycle last_completion() const { return last_completion_; }

 private:
  void step() override;
  void begin(Cycle start);
  void complete();

  const ValueParams params_;
  const std::uint32_t value_dim_;
  Fifo<Weights>& weights_;
  Prefetch* prefetch_;
  Fifo<RowMessage>& done_;
  GroupSource& groups_;
  ResultSink& sink_;
  std::vector<HeadStats>& heads_;
  ActionCounts& counts_;
  Fifo<QueryEvent>* completed_events_;
  std::vector<float> output_;
  Weights current_;          // the query being worked on
  Cycle completes_ = never;  // when it will be done; never: there is none
  std::uint64_t completed_ = 0;
  Cycle first_completion_ = 0, last_completion_ = 0;
};

}  // namespace capcam
