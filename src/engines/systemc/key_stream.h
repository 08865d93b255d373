// The key stream serves keys that do not fit the key SRAM. It fetches the keys of each programming job from DRAM, as
// far ahead as the key SRAM has places.
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

class KeyStream final : public Module {
 public:
  sc_core::sc_port<MemoryIf> memory{"memory"};
  In<MemoryAnswer> answers{"answers"};
  Out<StreamedKeys, 0> keys{"keys"};     // goes to each array
  In<StreamedKeysUsed, 0> used{"used"};  // comes from each array

  KeyStream(const sc_core::sc_module_name& name, const Context& context);
  std::string state() const override;

 private:
  struct Fetch {
    std::shared_ptr<const Head> head;  // holds what lies in memory
    std::uint32_t head_index = 0, array = 0;
    Job job;
    bool there = false, used = false;
  };
  void step() override;
  void note_events();
  bool know(std::uint64_t number);  // looks ahead in the jobs for this fetch; false if there is none
  bool room_for(std::uint64_t number);
  void request(std::uint64_t number);
  void send();
  Fetch& fetch(std::uint64_t number);

  const Context context_;
  const Mapping& mapping_;
  const std::uint64_t depth_;
  Schedule schedule_;
  std::deque<Fetch> fetches_;
  std::uint64_t first_kept_ = 0, requested_ = 0;
  std::vector<std::deque<std::uint64_t>> to_send_;  // fetches of each array, in order
};

}  // namespace capcam::systemc
