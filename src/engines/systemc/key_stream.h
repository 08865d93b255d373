// Keys that do not fit the key SRAM: fetches each programming job's keys from DRAM, as far ahead as the key SRAM holds.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "capcam/run_stats.h"
#include "engines/systemc/dram.h"
#include "engines/systemc/group.h"

namespace capcam {

class KeyStream final : public Stage, public DramClient {
 public:
  KeyStream(const sc_core::sc_module_name& name, Clock& clock, const Config& config, const Mapping& mapping,
            std::uint32_t core, GroupSource& groups, Dram& dram, ActionCounts& counts);
  void start() { wake.notify(sc_core::SC_ZERO_TIME); }
  void bind_readers(std::vector<sc_core::sc_event*> wakes) { readers_ = std::move(wakes); }

  // When the keys of programming job `fetch` are in the key SRAM; never if that is not known yet.
  Cycle arrival(std::uint64_t fetch) const;
  // Job `fetch` has been programmed by `end`: its place is free from then on.
  void programmed(std::uint64_t fetch, Cycle end);
  std::string state() const override;

 private:
  struct Fetch {
    std::uint64_t bytes;
    std::uint32_t head = 0, tile = 0, segment = 0, first_row = 0;  // for the log
    Cycle arrival = never, programmed = never;
  };
  void step() override;
  void granted(std::uint64_t tag, Cycle at) override;
  bool know(std::uint64_t fetch);  // looks ahead in the jobs until this one is known; false if there is none

  const Mapping& mapping_;
  const std::uint32_t core_;
  GroupSource& groups_;
  Dram& dram_;
  ActionCounts& counts_;
  std::uint64_t depth_;
  std::deque<Fetch> fetches_;
  std::uint64_t first_kept_ = 0, requested_ = 0, groups_seen_ = 0;
  std::vector<sc_core::sc_event*> readers_;  // of each array
};

}  // namespace capcam
