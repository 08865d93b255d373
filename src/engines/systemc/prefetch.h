// The prefetch brings value rows to contextualization. The rows of a tile's candidates are fetched from DRAM into the
// value SRAM as the tile is selected; a row holds its slot until its candidate is dropped or its query is done.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "capcam/systemc/memory.h"
#include "engines/systemc/context.h"
#include "engines/systemc/fifo.h"
#include "engines/systemc/ledger.h"
#include "engines/systemc/module.h"
#include "engines/systemc/tokens.h"

namespace capcam::systemc {

class Prefetch : public Module {
 public:
  In<KeptRows> kept{"kept"};
  Out<ValueRows> rows{"rows"};
  // These are bound if value rows come from DRAM in time; `fetches` and `drops` if those of a tile's candidates do.
  In<GroupEntry, 1, optional_port> entries{"entries"};
  In<RowFetch, 1, optional_port> fetches{"fetches"};
  In<RowDrop, 1, optional_port> drops{"drops"};
  In<QueryDone, 1, optional_port> done{"done"};
  sc_core::sc_port<MemoryIf, 1, optional_port> memory{"memory"};
  In<MemoryAnswer, 1, optional_port> answers{"answers"};
  StateLedger ledger;
  virtual void finish(Cycle end) { ledger.finish(end); }

 protected:
  Prefetch(const sc_core::sc_module_name& name, Clock& clock) : Module(name, clock) {
    sensitive << kept.written() << rows.freed() << entries.written() << fetches.written() << drops.written()
              << done.written() << answers.written();
  }
};

// Makes a prefetch whose rows come from DRAM, or one whose rows lie in the value SRAM (memory.value_source).
std::unique_ptr<Prefetch> model_prefetch(const sc_core::sc_module_name& name, const Context& context);

}  // namespace capcam::systemc
