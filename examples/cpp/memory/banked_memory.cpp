// A memory of one's own behind the machine: banks with an open row each, so that what is near costs less than what is
// far. own_memory CONFIG TRACE [KEY=VALUE...]
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>
#include <exception>
#include <memory>
#include <string>
#include <systemc>
#include <tuple>
#include <vector>

#include "capcam/read_config.h"
#include "capcam/report.h"
#include "capcam/simulate.h"
#include "capcam/systemc/engine.h"
#include "capcam/systemc/memory.h"
#include "capcam/trace.h"

namespace {

using capcam::systemc::AddressRange;
using capcam::systemc::MemoryRequest;
using sc_core::sc_time;

// Eight banks take turns at rows of a KiB. A row that is open answers sooner than one that must be opened first.
class BankedMemory final : public capcam::systemc::Memory {
 public:
  explicit BankedMemory(const capcam::systemc::MemorySetting& setting) : Memory("memory"), period_(setting.period) {
    SC_HAS_PROCESS(BankedMemory);
    SC_METHOD(serve);
    sensitive << cycle_over_;
    dont_initialize();
  }

  // Requests of one cycle come in any order, so they are served together when all of them are there.
  void request(const MemoryRequest& request) override {
    waiting_.push_back(request);
    cycle_over_.notify(period_ - sc_core::sc_time_stamp() % period_);
  }

 private:
  static constexpr std::uint64_t row_bytes = 1024;
  static constexpr std::size_t bank_count = 8;
  struct Bank {
    sc_time free = sc_core::SC_ZERO_TIME;
    std::uint64_t open_row = ~std::uint64_t{0};
  };

  void serve() {
    std::sort(waiting_.begin(), waiting_.end(), [](const MemoryRequest& a, const MemoryRequest& b) {
      return std::tie(a.core, a.traffic, a.tag) < std::tie(b.core, b.traffic, b.tag);
    });
    for (const MemoryRequest& request : waiting_) {
      sc_time complete = sc_core::sc_time_stamp();
      for (const AddressRange& range : request.ranges) complete = std::max(complete, read(range));
      answers->answer(request.core, request.traffic, request.tag, complete);
    }
    waiting_.clear();
  }

  // Returns when the last byte is there.
  sc_time read(const AddressRange& range) {
    const sc_time open_row_takes(10, sc_core::SC_NS), closed_row_takes(30, sc_core::SC_NS);
    sc_time complete = sc_core::sc_time_stamp();
    for (std::uint64_t row = range.address / row_bytes; row <= (range.address + range.bytes - 1) / row_bytes; ++row) {
      Bank& bank = banks_[row % bank_count];
      const sc_time start = std::max(sc_core::sc_time_stamp(), bank.free);
      bank.free = start + (bank.open_row == row ? open_row_takes : closed_row_takes);
      bank.open_row = row;
      complete = std::max(complete, bank.free);
    }
    return complete;
  }

  const sc_time period_;
  sc_core::sc_event cycle_over_;
  std::vector<MemoryRequest> waiting_;
  std::vector<Bank> banks_ = std::vector<Bank>(bank_count);
};

}  // namespace

// SystemC's library has the main() that calls this.
int sc_main(int argc, char* argv[]) {
  if (argc < 3) {
    std::fputs("usage: own_memory CONFIG TRACE [KEY=VALUE...]\n", stderr);
    return 2;
  }
  try {
    const std::vector<std::string> sets(argv + 3, argv + argc);
    const capcam::Config config = capcam::read_config(capcam::resolve_config_path(argv[1]), sets);
    capcam::SystemcOptions options;
    options.memory = [](const capcam::systemc::MemorySetting& setting) {
      return std::make_unique<BankedMemory>(setting);
    };
    const capcam::PreparedTrace trace(capcam::open_trace(argv[2]));
    const capcam::Report banked = capcam::simulate(config, trace, *capcam::systemc_engine(options));
    const capcam::Report built_in = capcam::simulate(config, trace, *capcam::fast_engine());
    std::printf("%llu cycles with banks, %llu with the built-in channel\n",
                static_cast<unsigned long long>(banked.stats.cycles),
                static_cast<unsigned long long>(built_in.stats.cycles));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "own_memory: %s\n", error.what());
    return 2;
  }
  return 0;
}
