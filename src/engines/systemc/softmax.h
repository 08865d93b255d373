// The softmax weighs the kept keys: one table look-up per key, then the divisions.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "engines/systemc/context.h"
#include "engines/systemc/fifo.h"
#include "engines/systemc/ledger.h"
#include "engines/systemc/module.h"
#include "engines/systemc/tokens.h"

namespace capcam::systemc {

class Softmax : public Module {
 public:
  In<Selection> selections{"selections"};
  Out<Weights> weights{"weights"};
  Ledger normalization;  // counts the coarse stage, with the last merge
  Ledger softmax;        // counts look-ups and divisions alone
  void finish(Cycle end) {
    normalization.finish(end);
    softmax.finish(end);
  }

 protected:
  Softmax(const sc_core::sc_module_name& name, Clock& clock) : Module(name, clock) {
    sensitive << selections.written() << weights.freed();
  }
};

std::unique_ptr<Softmax> model_softmax(const sc_core::sc_module_name& name, const Context& context);

}  // namespace capcam::systemc
