// The DRAM channel all cores share: a latency and a bandwidth, first come first served; ties by core, then keys before
// values.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "capcam/config.h"
#include "engines/systemc/stage.h"
#include "stats/dram_log.h"

namespace capcam {

class DramClient {
 public:
  virtual ~DramClient() = default;
  // The request with this tag is complete at `at`. Called in the cycle of the request, never later.
  virtual void granted(std::uint64_t tag, Cycle at) = 0;
};

enum class DramTraffic : std::uint8_t { keys = 0, values = 1 };

class Dram final : public Stage {
 public:
  // `log`: told of every request; nullptr: nobody asks.
  Dram(const sc_core::sc_module_name& name, Clock& clock, const Config& config, DramLog* log = nullptr);
  bool logs() const { return log_ != nullptr; }
  // For the log: what a request is about, before it is made. Core, cycle and bytes are filled in.
  void announce(DramRequest request) { announced_ = std::move(request); }
  // Asks now for `bytes`. The completion comes back at once if it does not depend on others (unlimited bandwidth),
  // otherwise through granted().
  std::optional<Cycle> request(std::uint32_t core, DramTraffic traffic, std::uint64_t bytes, std::uint64_t tag,
                               DramClient& client);
  std::string state() const override;

 private:
  struct Request {
    std::uint32_t core;
    DramTraffic traffic;
    std::uint64_t bytes, tag;
    DramClient* client;
  };
  void step() override;

  DramLog* const log_;
  DramRequest announced_;
  const Cycle latency_;
  const double bytes_per_cycle_;   // infinity: unlimited
  std::vector<Request> requests_;  // of this cycle
  std::uint64_t free_ = 0;         // end of the last transfer, 2^-20 cycles
};

}  // namespace capcam
