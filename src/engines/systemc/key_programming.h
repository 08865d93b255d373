// Key programming writes the keys of a tile into an array, some rows per cycle.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "engines/systemc/context.h"
#include "engines/systemc/fifo.h"
#include "engines/systemc/ledger.h"
#include "engines/systemc/module.h"
#include "engines/systemc/tokens.h"

namespace capcam::systemc {

class KeyProgramming : public Module {
 public:
  In<ArrayWork> work{"work"};
  In<StreamedKeys, 1, optional_port> keys{"keys"};       // is bound if keys do not fit the key SRAM
  Out<StreamedKeysUsed, 1, optional_port> used{"used"};  // is bound likewise
  Out<ProgrammedTile> tiles{"tiles"};
  Ledger ledger;
  // The array is searched until its place in `tiles` is free.
  void finish(Cycle end) {
    if (tiles->place() != nullptr) ledger.wait_until(tiles->free_from());
    ledger.finish(end);
  }

 protected:
  KeyProgramming(const sc_core::sc_module_name& name, Clock& clock) : Module(name, clock) {
    sensitive << work.written() << keys.written() << tiles.freed();
  }
};

std::unique_ptr<KeyProgramming> model_key_programming(const sc_core::sc_module_name& name, const Context& context);

}  // namespace capcam::systemc
