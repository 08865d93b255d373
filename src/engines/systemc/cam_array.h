// One array of capacitive CAM cells: drives a query on the search lines and lets the matchlines settle.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "capcam/run_stats.h"
#include "engines/systemc/fifo.h"
#include "engines/systemc/tokens.h"
#include "kernels/cell_mismatch.h"

namespace capcam {

class CamArray final : public Stage {
 public:
  // `searched`: told when the last search of a group is done; nullptr: nobody asks.
  CamArray(const sc_core::sc_module_name& name, Clock& clock, const Config& config, const Mapping& mapping,
           const CellMismatch& cells, Fifo<ProgrammedTile>& tiles, Fifo<MatchCounts>& matches,
           Fifo<QueryEvent>* searched, ActionCounts& counts);
  std::string state() const override;
  void finish(Cycle end) { ledger.finish(end); }
  Ledger ledger;

 private:
  void step() override;
  void program(ProgrammedTile& tile);
  void search(const ProgrammedTile& tile, std::uint32_t lane, Cycle taken);

  const Mapping& mapping_;
  const CellMismatch& mismatch_;
  const Cycle search_cycles_;
  Fifo<ProgrammedTile>& tiles_;
  Fifo<MatchCounts>& matches_;
  Fifo<QueryEvent>* searched_;
  ActionCounts& counts_;
  std::vector<std::uint64_t> cells_;  // the keys programmed
  bool begun_ = false;                // the tile in front
  std::uint32_t lane_ = 0;
  Cycle previous_ = 0;  // end of programming, or the last result was taken
};

}  // namespace capcam
