// The dispatch lets groups of queries enter association, one after another, and loads their head's keys.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <vector>

#include "capcam/systemc/memory.h"
#include "engines/systemc/context.h"
#include "engines/systemc/fifo.h"
#include "engines/systemc/module.h"
#include "engines/systemc/schedule.h"
#include "engines/systemc/tokens.h"

namespace capcam::systemc {

class Dispatch final : public Module {
 public:
  Out<ArrayWork, 0> work{"work"};                                 // goes to the key programming of each array
  Out<ArrayQueries, 0> queries{"queries"};                        // goes to each array
  Out<GroupEntry, 0> entries{"entries"};                          // goes to the merge, and to a prefetch from DRAM
  In<GroupSearched, 0, optional_port> searched{"searched"};       // comes from each array; is bound if queries overlap
  In<GroupProgress> progress{"progress"};                         // comes from the merge
  In<QueryDone, 1, optional_port> completed{"completed"};         // comes from contextualization; is bound in decode
  sc_core::sc_port<MemoryIf, 1, optional_port> memory{"memory"};  // is bound if keys fit the key SRAM and are loaded
  In<MemoryAnswer, 1, optional_port> answers{"answers"};          // is bound likewise

  Dispatch(const sc_core::sc_module_name& name, const Context& context, std::vector<HeadStats>& heads);
  std::string state() const override;

 private:
  void step() override;
  void note_events();
  bool may_enter(const Group& group) const;
  void enter(const Group& group);
  void check(bool law, const char* what) const;
  void send_work(const Group& group);
  // Asks for the keys of the head that follows on this core, if they are others.
  void load_keys_after(std::uint32_t head_index);
  void load_keys(std::uint32_t head_index);
  // Counts what is loaded for a head, whenever it is; a hidden load stands in the log here.
  void count_loads(std::uint32_t head_index);
  void log(std::uint32_t head_index, DramRequest::What what, std::uint64_t bytes);
  std::uint32_t loaded_keys() const;

  const Context context_;
  const Mapping& mapping_;
  const std::uint32_t cores_;
  const bool overlap_, keys_fit_, two_heads_fit_;
  Schedule schedule_;
  std::vector<HeadStats>& heads_;
  std::uint64_t entered_ = 0, handed_over_ = 0;  // groups
  std::deque<std::uint32_t> in_association_;     // heads of the groups that are not handed over, oldest first
  std::uint64_t completed_queries_ = 0;
  std::uint32_t searching_ = 0;  // arrays that still search for the last group
  std::uint64_t loads_used_ = 0;
  std::vector<bool> keys_there_;  // tells of each load asked for
};

}  // namespace capcam::systemc
