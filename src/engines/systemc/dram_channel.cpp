// SPDX-License-Identifier: Apache-2.0
#include "engines/systemc/dram_channel.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace capcam::systemc {

DramChannel::DramChannel(const sc_core::sc_module_name& name, Clock& clock, const Config& config)
    : Memory(name), clock_(clock), times_(config) {
  SC_HAS_PROCESS(DramChannel);
  SC_METHOD(serve);
  sensitive << all_asked_;
  dont_initialize();
}

void DramChannel::request(const MemoryRequest& request) {
  if (times_.unlimited()) {
    answers->answer(request.core, request.traffic, request.tag, clock_.time_of(clock_.now() + times_.latency));
    return;
  }
  waiting_.push_back({request.core, request.traffic, request.tag, request.bytes()});
  notify_at(clock_, all_asked_, clock_.now(), Phase::memory);
}

void DramChannel::serve() {
  clock_.read();
  std::stable_sort(waiting_.begin(), waiting_.end(), [](const Waiting& a, const Waiting& b) {
    return std::tie(a.core, a.traffic) < std::tie(b.core, b.traffic);
  });
  for (const Waiting& next : waiting_) {
    free_units_ = std::max(free_units_, clock_.now() * DramTimes::units_per_cycle) + times_.transfer_units(next.bytes);
    answers->answer(next.core, next.traffic, next.tag, clock_.time_of(times_.complete(free_units_)));
  }
  waiting_.clear();
}

std::string DramChannel::state() const {
  return fmt::format("{}: channel taken until cycle {}", name(), free_units_ / DramTimes::units_per_cycle);
}

}  // namespace capcam::systemc
