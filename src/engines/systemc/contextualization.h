// Contextualization multiplies the weights with the value rows and adds them up; what leaves is the attention output.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "engines/systemc/context.h"
#include "engines/systemc/fifo.h"
#include "engines/systemc/ledger.h"
#include "engines/systemc/module.h"
#include "engines/systemc/tokens.h"

namespace capcam::systemc {

class Contextualization : public Module {
 public:
  In<Weights> weights{"weights"};
  In<ValueRows> rows{"rows"};
  Out<QueryDone, 1, optional_port> done{"done"};            // goes to the prefetch; is bound if rows come from DRAM
  Out<QueryDone, 1, optional_port> completed{"completed"};  // goes to the dispatch; is bound in decode
  Out<Output> outputs{"outputs"};
  Ledger ledger;
  void finish(Cycle end) { ledger.finish(end); }

 protected:
  Contextualization(const sc_core::sc_module_name& name, Clock& clock) : Module(name, clock) {
    sensitive << weights.written() << rows.written() << outputs.freed();
  }
};

std::unique_ptr<Contextualization> model_contextualization(const sc_core::sc_module_name& name, const Context& context);

}  // namespace capcam::systemc
