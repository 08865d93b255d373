// Lets groups of queries enter association, one after another, and sees to it that their head's keys are there.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "capcam/run_stats.h"
#include "engines/systemc/dram.h"
#include "engines/systemc/fifo.h"
#include "engines/systemc/prefetch.h"
#include "engines/systemc/tokens.h"

namespace capcam {

class Dispatch final : public Stage, public DramClient {
 public:
  struct Channels {
    std::vector<Fifo<Group*>*> arrays;        // to the key programming of each
    Fifo<Group*>& registers;                  // to the candidate registers
    std::vector<Fifo<QueryEvent>*> searched;  // from each array; empty without query overlap
    Fifo<QueryEvent>& events;                 // from the candidate registers
    Fifo<QueryEvent>* completed = nullptr;    // from the accumulation of values; decode only
  };
  Dispatch(const sc_core::sc_module_name& name, Clock& clock, const Config& config, const Mapping& mapping,
           const Workload& workload, std::uint32_t core, GroupSource& groups, Channels channels, Prefetch* prefetch,
           Dram& dram, std::vector<HeadStats>& heads, ActionCounts& counts);
  void start() { wake.notify(sc_core::SC_ZERO_TIME); }
  std::string state() const override;

 private:
  void step() override;
  void granted(std::uint64_t tag, Cycle at) override;
  void note_events();
  bool may_enter(const Group& group) const;
  void enter(Group& group);
  // Asks for the keys of the head that follows `head_index` on this core, if they are others.
  void load_keys_after(std::uint32_t head_index);
  void load_keys(std::uint32_t head_index);

  const Mapping& mapping_;
  const Workload& workload_;
  const std::uint32_t core_, cores_;
  const bool overlap_;
  const bool loads_keys_;  // over the DRAM channel, a whole head at a time
  const bool two_heads_fit_;
  GroupSource& groups_;
  Channels channels_;
  Prefetch* prefetch_;
  Dram& dram_;
  std::vector<HeadStats>& heads_;
  ActionCounts& counts_;
  std::uint64_t next_group_ = 0, handed_over_ = 0, completed_ = 0;
  std::uint32_t searching_ = 0;  // arrays that have not done the last search of the group before
  std::uint64_t loads_asked_ = 0, loads_used_ = 0;
  std::vector<Cycle> keys_there_;  // of each load asked for
};

}  // namespace capcam
