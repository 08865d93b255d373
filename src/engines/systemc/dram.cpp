// SPDX-License-Identifier: Apache-2.0
#include "engines/systemc/dram.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <tuple>

namespace capcam {
namespace {

constexpr int fraction_bits = 20;  // transfers are timed in 2^-20 cycles

}  // namespace

Dram::Dram(const sc_core::sc_module_name& name, Clock& clock, const Config& config, DramLog* log)
    : Stage(name, clock),
      log_(log),
      latency_(config.memory.latency_cycles),
      bytes_per_cycle_(config.memory.bandwidth_gb_s / config.clock.frequency_ghz) {}

std::optional<Cycle> Dram::request(std::uint32_t core, DramTraffic traffic, std::uint64_t bytes, std::uint64_t tag,
                                   DramClient& client) {
  if (log_ != nullptr) {
    announced_.cycle = now();
    announced_.core = core;
    announced_.bytes = bytes;
    log_->request(std::move(announced_));
    announced_ = {};
  }
  if (std::isinf(bytes_per_cycle_)) return now() + latency_;
  requests_.push_back({core, traffic, bytes, tag, &client});
  notify_at(clock_, wake, now(), Phase::dram);
  return std::nullopt;
}

void Dram::step() {
  std::stable_sort(requests_.begin(), requests_.end(), [](const Request& a, const Request& b) {
    return std::tie(a.core, a.traffic) < std::tie(b.core, b.traffic);
  });
  for (const Request& request : requests_) {
    const auto transfer =
        static_cast<std::uint64_t>(std::ceil(static_cast<double>(request.bytes << fraction_bits) / bytes_per_cycle_));
    free_ = std::max(free_, now() << fraction_bits) + transfer;
    const Cycle end = (free_ + (1u << fraction_bits) - 1) >> fraction_bits;
    request.client->granted(request.tag, end + latency_);
  }
  requests_.clear();
}

std::string Dram::state() const {
  return fmt::format("{}: channel taken until cycle {}", name(), free_ >> fraction_bits);
}

}  // namespace capcam
