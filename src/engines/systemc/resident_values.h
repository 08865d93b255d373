// This is the prefetch of a machine whose value SRAM holds all rows of a head. With memory.value_load modelled a load
// brings them: it is wanted when the head before enters, and requested as soon as the SRAM has room for it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "engines/systemc/prefetch.h"

namespace capcam::systemc {

class ResidentValues final : public Prefetch {
 public:
  ResidentValues(const sc_core::sc_module_name& name, const Context& context);
  std::string state() const override;

 private:
  void step() override;
  void want_loads();
  void want(std::uint32_t head);
  void note_completions();
  void note_answers();
  void request(std::uint32_t head);
  void hand_over();
  bool there(const KeptRows& query);
  // Returns true if the core's head after this one has others' values.
  bool others_follow(std::uint32_t head) const;

  const Context context_;
  const std::uint32_t cores_;
  const std::uint64_t queries_, rows_, room_;  // queries of a head, rows of a load, heads that the SRAM holds
  std::shared_ptr<const Head> head_;
  std::uint32_t head_index_;          // head of the query that was handed over last
  std::uint64_t load_ = 0;            // load of that head
  std::deque<std::uint32_t> wanted_;  // heads whose loads wait for room
  std::vector<bool> there_;           // tells of each load requested
  std::uint64_t over_ = 0;            // loads whose queries are complete
  std::uint64_t under_way_ = 0;       // loads requested and not complete
};

}  // namespace capcam::systemc
