// Tile selection makes scores of a core's codes, adds up segments and keeps the best keys of a tile.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "engines/systemc/context.h"
#include "engines/systemc/fifo.h"
#include "engines/systemc/module.h"
#include "engines/systemc/slots.h"
#include "engines/systemc/tokens.h"

namespace capcam::systemc {

class TileSelection : public Module {
 public:
  In<Codes, 0> codes{"codes"};                      // come from each array
  sc_core::sc_port<SlotWatchIf, 0> slots{"slots"};  // belong to each array
  Out<TileCandidates> candidates{"candidates"};
  std::vector<SlotLedger> ledgers;  // count each array's pipeline
  void finish(Cycle end) {
    for (SlotLedger& ledger : ledgers) ledger.finish(end);
  }

 protected:
  TileSelection(const sc_core::sc_module_name& name, const Context& context)
      : Module(name, context.clock), ledgers(context.mapping.arrays) {
    sensitive << codes.written();
  }
  void end_of_elaboration() override {
    for (int array = 0; array < slots.size(); ++array) slots[array]->charge(ledgers[static_cast<std::size_t>(array)]);
  }
};

std::unique_ptr<TileSelection> model_tile_selection(const sc_core::sc_module_name& name, const Context& context);

}  // namespace capcam::systemc
