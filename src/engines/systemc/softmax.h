// Softmax over the kept keys: one table look-up a key, then the divisions.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "capcam/run_stats.h"
#include "engines/systemc/fifo.h"
#include "engines/systemc/tokens.h"
#include "kernels/softmax.h"

namespace capcam {

class SoftmaxStage final : public Stage {
 public:
  SoftmaxStage(const sc_core::sc_module_name& name, Clock& clock, const Config& config, const Sensing& sensing,
               Fifo<Selection>& selections, Fifo<Weights>& weights, ActionCounts& counts);
  std::string state() const override;
  void finish(Cycle end) {
    normalization.finish(end);
    softmax.finish(end);
  }
  Ledger normalization;  // the coarse stage: with the last merge
  Ledger softmax;        // look-ups and divisions alone

 private:
  void step() override;
  Cycle service(std::size_t keys) const;

  const SoftmaxParams params_;
  const Sensing& sensing_;
  Fifo<Selection>& selections_;
  Fifo<Weights>& weights_;
  ActionCounts& counts_;
  std::optional<ExpTable> table_;  // of the layer whose score scale is table_scale_
  double table_scale_ = 0.0;
};

}  // namespace capcam
