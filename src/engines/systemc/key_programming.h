// Writes the keys of a tile into an array, some rows a cycle.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "capcam/run_stats.h"
#include "engines/systemc/fifo.h"
#include "engines/systemc/key_stream.h"
#include "engines/systemc/tokens.h"

namespace capcam {

class KeyProgramming final : public Stage {
 public:
  // `stream`: where keys come from that do not fit the key SRAM; nullptr: they are there.
  KeyProgramming(const sc_core::sc_module_name& name, Clock& clock, const Mapping& mapping, std::uint32_t array,
                 Fifo<Group*>& groups, Fifo<ProgrammedTile>& tiles, KeyStream* stream, ActionCounts& counts);
  std::string state() const override;
  // The array is searched until its place in `tiles` is free.
  void finish(Cycle end) {
    if (tiles_.can_push()) ledger.wait_until(tiles_.free_from());
    ledger.finish(end);
  }
  Ledger ledger;

 private:
  void step() override;
  void program(const Job& job, Cycle start);

  const Mapping& mapping_;
  const std::uint32_t array_;
  Fifo<Group*>& groups_;
  Fifo<ProgrammedTile>& tiles_;
  KeyStream* stream_;
  ActionCounts& counts_;
  Group* group_ = nullptr;
  Cycle entry_ = 0;
  std::size_t next_job_ = 0;
};

}  // namespace capcam
