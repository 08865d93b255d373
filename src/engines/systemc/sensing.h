// Sensing is the converters of one array, which sample the matchlines and turn their voltages into codes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "engines/systemc/context.h"
#include "engines/systemc/fifo.h"
#include "engines/systemc/module.h"
#include "engines/systemc/slots.h"
#include "engines/systemc/tokens.h"

namespace capcam::systemc {

class Sensing : public Module {
 public:
  In<MatchCounts> matches{"matches"};
  SlotTakePort slots{"slots"};  // a result of the last segment takes one
  Out<Codes> codes{"codes"};
  Ledger ledger;
  void finish(Cycle end) { ledger.finish(end); }
  void watch(CodesObserver* observer) { observer_ = observer; }

 protected:
  Sensing(const sc_core::sc_module_name& name, Clock& clock) : Module(name, clock) {
    sensitive << matches.written() << slots.given() << codes.freed();
  }
  CodesObserver* observer_ = nullptr;  // may be null
};

std::unique_ptr<Sensing> model_sensing(const sc_core::sc_module_name& name, const Context& context);

}  // namespace capcam::systemc
