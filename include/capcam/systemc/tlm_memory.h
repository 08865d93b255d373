// A memory outside capcam, by TLM-2.0: reads become transactions on an initiator socket, approximately timed (the four
// phases of the base protocol), several of them outstanding. Bind `socket` to the memory's target socket:
//
//   struct Outside : capcam::systemc::TlmMemory {
//     explicit Outside(const capcam::systemc::MemorySetting& setting) : TlmMemory("memory", setting), dram("dram") {
//       socket.bind(dram.socket);
//     }
//     SomeDram dram;
//   };
//   capcam::SystemcOptions options;
//   options.memory = [](const auto& setting) { return std::make_unique<Outside>(setting); };
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tlm_utils/peq_with_cb_and_phase.h>
#include <tlm_utils/simple_initiator_socket.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <tlm>
#include <vector>

#include "capcam/systemc/memory.h"

namespace capcam::systemc {

struct TlmMemoryOptions {
  std::uint32_t line_bytes = 64;   // a transaction reads at most one aligned line; a power of two
  std::uint32_t outstanding = 32;  // transactions under way at most; at least 1
  bool whole_lines = false;        // every transaction reads its line whole, as a burst of a DRAM does
};

// The requests of a cycle leave at the next clock edge, in order of core, keys before values; each is cut into lines.
// A request is complete when the response of its last line has begun; responses may come in any order.
class TlmMemory : public Memory {
 public:
  tlm_utils::simple_initiator_socket<TlmMemory> socket{"socket"};

  // Throws InputError if an option is out of its range.
  TlmMemory(const sc_core::sc_module_name& name, const MemorySetting& setting, const TlmMemoryOptions& options = {});
  ~TlmMemory() override;
  void request(const MemoryRequest& request) override;
  std::string state() const override;

  std::uint64_t transactions() const { return transactions_; }  // sent so far

 private:
  class Transactions;  // owns the payloads
  struct Asked;        // a request that is not complete
  struct Line {
    Asked* request;
    std::uint64_t address;
    std::uint32_t bytes;
  };
  void clock_edge();
  void send();
  void send(const Line& line);
  tlm::tlm_sync_enum on_backward(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay);
  void on_phase(tlm::tlm_generic_payload& payload, const tlm::tlm_phase& phase);
  void request_accepted(const tlm::tlm_generic_payload& payload);
  void response_begins(tlm::tlm_generic_payload& payload, bool answer_back);

  const sc_core::sc_time period_;
  const TlmMemoryOptions options_;
  std::vector<std::unique_ptr<Asked>> of_cycle_;  // requests that leave at the next edge
  std::deque<std::unique_ptr<Asked>> asked_;
  std::deque<Line> lines_;  // not sent yet
  std::unique_ptr<Transactions> pool_;
  const tlm::tlm_generic_payload* in_request_ = nullptr;  // its request phase is not over
  std::uint32_t under_way_ = 0;
  std::uint64_t transactions_ = 0;
  sc_core::sc_event edge_;
  tlm_utils::peq_with_cb_and_phase<TlmMemory> phases_;
};

}  // namespace capcam::systemc
