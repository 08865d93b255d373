// An array of capacitive CAM cells drives a query on its search lines and lets the matchlines settle.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "engines/systemc/context.h"
#include "engines/systemc/fifo.h"
#include "engines/systemc/ledger.h"
#include "engines/systemc/module.h"
#include "engines/systemc/tokens.h"

namespace capcam::systemc {

class CamArray : public Module {
 public:
  In<ProgrammedTile> tiles{"tiles"};
  In<ArrayQueries> queries{"queries"};
  Out<MatchCounts> matches{"matches"};
  Out<GroupSearched, 1, optional_port> searched{"searched"};  // is bound if queries overlap
  Ledger ledger;
  void finish(Cycle end) { ledger.finish(end); }

 protected:
  CamArray(const sc_core::sc_module_name& name, Clock& clock) : Module(name, clock) {
    sensitive << tiles.written() << matches.freed();
  }
};

std::unique_ptr<CamArray> model_cam_array(const sc_core::sc_module_name& name, const Context& context);

}  // namespace capcam::systemc
