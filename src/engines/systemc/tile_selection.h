// Score scaling and tile selection of a core: codes become scores, segments are added up, the best keys of a tile stay.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

#include "capcam/run_stats.h"
#include "engines/systemc/fifo.h"
#include "engines/systemc/tokens.h"
#include "kernels/sensing.h"

namespace capcam {

class TileSelection final : public Stage {
 public:
  // `codes`, `slots`: of each array.
  TileSelection(const sc_core::sc_module_name& name, Clock& clock, const Config& config, const Mapping& mapping,
                const Sensing& sensing, std::vector<Fifo<Codes>*> codes, const std::vector<Slots*>& slots,
                Fifo<TileCandidates>& candidates, ActionCounts& counts);
  std::string state() const override;
  void finish(Cycle end) {
    for (SlotLedger& ledger : ledgers) ledger.finish(end);
  }
  std::vector<SlotLedger> ledgers;  // of each array's pipeline

 private:
  struct Partial {
    std::uint32_t segments = 0;  // added so far
    std::uint32_t array = 0, slot = 0;
    std::vector<std::int32_t> scores;
  };
  void step() override;
  void add(std::uint32_t array, const Codes& codes, Cycle there);
  void select(const Codes& codes, const Partial& partial, Cycle there);

  const Mapping& mapping_;
  std::vector<std::int32_t> score_of_code_;  // [segment]: what one step of the code adds to the score
  const std::uint32_t tile_k_;
  const Cycle scale_cycles_, select_cycles_;  // select: tile selection and register write
  std::vector<Fifo<Codes>*> codes_;
  Fifo<TileCandidates>& candidates_;
  ActionCounts& counts_;
  std::unordered_map<std::uint64_t, Partial> partials_;  // by query and tile, tiles whose segments are not all there
  Partial whole_;
};

}  // namespace capcam
