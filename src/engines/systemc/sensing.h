// The converters of one array: sample the matchlines, turn their voltages into codes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "capcam/run_stats.h"
#include "engines/systemc/fifo.h"
#include "engines/systemc/tokens.h"
#include "kernels/ramp.h"
#include "kernels/random_readout.h"
#include "kernels/sensing.h"

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
               const Sensing& sensing, const CellMismatch& cells, const ConverterMismatch& converters,
               Fifo<MatchCounts>& matches, Slots& slots, Fifo<Codes>& codes, ActionCounts& counts);
  std::string state() const override;
  void finish(Cycle end) { ledger.finish(end); }
  void watch(CodesObserver* observer) { observer_ = observer; }
  Ledger ledger;

 private:
  void step() override;
  void convert(const MatchCounts& sample, std::vector<std::uint32_t>& codes) const;
  // How long, and counts what it takes.
  Cycle conversion_of(const MatchCounts& sample, const std::vector<std::uint32_t>& codes);

  const Mapping& mapping_;
  const SensingParams& params_;
  const std::uint32_t ramp_wanted_;
  Fifo<MatchCounts>& matches_;
  Slots& slots_;
  Fifo<Codes>& codes_;
  ActionCounts& counts_;
  std::vector<std::vector<std::uint32_t>> code_of_;  // [segment][matches]
  std::optional<RandomReadout> random_;              // if codes do not depend on the match count alone
  std::vector<std::vector<RowReadout>> rows_;        // [segment][row]
  CodesObserver* observer_ = nullptr;
};

}  // namespace capcam
