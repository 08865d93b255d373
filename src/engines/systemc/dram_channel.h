// The built-in memory is a DRAM channel that all cores share. It has a latency and a bandwidth and serves requests as
// they come; in one cycle lower cores go first, and keys before values.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "capcam/systemc/memory.h"
#include "engines/systemc/clock.h"
#include "machine/service_times.h"

namespace capcam::systemc {

class DramChannel final : public Memory {
 public:
  DramChannel(const sc_core::sc_module_name& name, Clock& clock, const Config& config);
  void request(const MemoryRequest& request) override;
  std::string state() const override;

 private:
  struct Waiting {
    std::uint32_t core;
    MemoryTraffic traffic;
    std::uint64_t tag, bytes;
  };
  void serve();

  Clock& clock_;
  const DramTimes times_;
  std::vector<Waiting> waiting_;  // requests of this cycle
  Cycle free_units_ = 0;          // when the last transfer ends
  sc_core::sc_event all_asked_;
};

}  // namespace capcam::systemc
