// The merge holds the candidate registers of a core, one per lane, and merges them down to n: in the shadow of
// association when a register is full, and a last time when a query is handed over to the softmax.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "engines/systemc/context.h"
#include "engines/systemc/fifo.h"
#include "engines/systemc/module.h"
#include "engines/systemc/slots.h"
#include "engines/systemc/tokens.h"

namespace capcam::systemc {

class Merge : public Module {
 public:
  In<GroupEntry> entries{"entries"};
  In<TileCandidates> candidates{"candidates"};
  sc_core::sc_port<SlotGiveIf, 0> slots{"slots"};      // belong to each array
  Out<RowFetch, 1, optional_port> fetches{"fetches"};  // is bound if the candidates of a tile are fetched
  Out<RowDrop, 1, optional_port> drops{"drops"};       // is bound likewise
  Out<KeptRows> kept{"kept"};
  Out<GroupProgress> progress{"progress"};
  Out<Selection> selections{"selections"};
  Ledger association;  // counts the coarse stage, from entry to handover
  Ledger merge;
  void finish(Cycle end) {
    association.finish(end);
    merge.finish(end);
  }

 protected:
  Merge(const sc_core::sc_module_name& name, Clock& clock) : Module(name, clock) {
    sensitive << entries.written() << candidates.written() << selections.freed();
  }
};

std::unique_ptr<Merge> model_merge(const sc_core::sc_module_name& name, const Context& context);

}  // namespace capcam::systemc
