// The converters of one array: sample the matchlines, turn their voltages into codes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "kernels/random_readout.h"
#include "kernels/sensing.h"
#include "stats/run_stats.h"
#include "systemc/fifo.h"
#include "systemc/tokens.h"

namespace capcam {

// Sees the codes of a search and when they leave the converters.
class CodesObserver {
 public:
  virtual ~CodesObserver() = default;
  virtual void converted(Cycle at, const std::vector<std::uint32_t>& codes) = 0;
};

class SensingStage final : public Stage {
 public:
  SensingStage(const sc_core::sc_module_name& name, Clock& clock, const Config& config, const Mapping& mapping,
               const Sensing& sensing, const CellMismatch& cells, Fifo<MatchCounts>& matches, Slots& slots,
               Fifo<Codes>& codes, ActionCounts& counts);
  std::string state() const override;
  void finish(Cycle end) { ledger.finish(end); }
  void watch(CodesObserver* observer) { observer_ = observer; }
  Ledger ledger;

 private:
  void step() override;
  void convert(const MatchCounts& sample, std::vector<std::uint32_t>& codes) const;

  const Mapping& mapping_;
  const Cycle conversion_cycles_;
  const std::uint32_t rows_per_converter_;
  Fifo<MatchCounts>& matches_;
  Slots& slots_;
  Fifo<Codes>& codes_;
  ActionCounts& counts_;
  std::vector<std::vector<std::uint32_t>> code_of_;  // [segment][matches]
  std::optional<RandomReadout> random_;              // if codes do not depend on the match count alone
  std::vector<std::vector<float>> row_inverse_;      // [segment][row], of its capacitance
  CodesObserver* observer_ = nullptr;
};

}  // namespace capcam
