// SPDX-License-Identifier: Apache-2.0
#include "engines/systemc/dram_channel.h"

#include <map>

#include "support/catch.h"
#include "support/stage_bench.h"

using namespace capcam;
using namespace capcam::systemc;
using namespace capcam::testing;

namespace {

constexpr Cycle latency = 30;

struct Ask {
  Cycle at;
  std::uint32_t core;
  MemoryTraffic traffic;
  std::uint64_t bytes;
};

// Makes requests at given cycles, in order within a cycle, and keeps the cycle in which each is complete.
struct Asker final : Module, MemoryAnswerIf {
  Asker(StageCase& c, std::vector<Ask> asks_)
      : Module("asker", c.clock), memory("dram", c.clock, c.config), asks(std::move(asks_)) {
    memory.answers(*this);
  }
  std::string state() const override { return name(); }
  void step() override {
    for (; next < asks.size(); ++next) {
      if (asks[next].at > now()) return wake_at(asks[next].at);
      // In two ranges, which are one transfer.
      const Ask& ask = asks[next];
      memory.request({ask.core, ask.traffic, next, {{4096, 1}, {64 * next, ask.bytes - 1}}});
    }
  }
  void answer(std::uint32_t core, MemoryTraffic traffic, std::uint64_t tag, const sc_core::sc_time& at) override {
    CHECK(core == asks[tag].core);
    CHECK(traffic == asks[tag].traffic);
    complete[tag] = clock_.cycle_from(at);
  }
  DramChannel memory;
  std::vector<Ask> asks;
  std::size_t next = 0;
  std::map<std::uint64_t, Cycle> complete;
};

std::vector<Cycle> completions(double bytes_per_cycle, std::vector<Ask> asks) {
  StageCase c({1, 1, 1, 1, 64, 64, 8}, [&](Config& config) {
    config.memory.latency_cycles = latency;
    config.memory.bandwidth_gb_s = bytes_per_cycle * config.clock.frequency_ghz;
  });
  Asker asker(c, std::move(asks));
  sc_core::sc_start();
  std::vector<Cycle> in_order;
  for (const auto& [tag, at] : asker.complete) in_order.push_back(at);
  return in_order;
}

constexpr auto keys = MemoryTraffic::keys, values = MemoryTraffic::values;
constexpr double unlimited = std::numeric_limits<double>::infinity();
using Cycles = std::vector<Cycle>;

}  // namespace

TEST_CASE("with unlimited bandwidth everything is complete a latency after it was asked for") {
  CHECK(completions(unlimited, {{10, 0, keys, 1 << 20}, {10, 1, values, 1}, {15, 0, values, 100}}) ==
        Cycles{10 + latency, 10 + latency, 15 + latency});
}

TEST_CASE("transfers follow one another, first come first served") {
  CHECK(completions(16, {{10, 1, values, 64}, {11, 0, keys, 32}, {100, 0, keys, 16}}) ==
        Cycles{14 + latency, 16 + latency, 101 + latency});
}

TEST_CASE("in one cycle the lower core goes first, and its keys before its values, whoever asked first") {
  CHECK(completions(16, {{10, 1, values, 64}, {10, 0, values, 32}, {10, 0, keys, 16}}) ==
        Cycles{17 + latency, 13 + latency, 11 + latency});
}

TEST_CASE("parts of a cycle are kept between transfers and rounded up for those who wait") {
  CHECK(completions(16, {{10, 0, keys, 24}, {10, 0, keys, 24}, {10, 0, keys, 1}}) ==
        Cycles{12 + latency, 13 + latency, 14 + latency});  // ends at 11.5, 13.0, 13.0625
}

TEST_CASE("cores that ask again and again take turns in the order they ask, whatever they ask for") {
  // A transfer takes 4 cycles. Core 0 asks at 10 and 11, core 1 at 10, core 2 at 11 before the channel is free.
  CHECK(completions(16, {{10, 0, values, 64}, {10, 1, keys, 64}, {11, 2, keys, 64}, {11, 0, values, 64}}) ==
        Cycles{14 + latency, 18 + latency, 26 + latency, 22 + latency});
}

TEST_CASE("bursts of one core and kind keep the order in which they were asked for") {
  CHECK(completions(16, {{10, 0, values, 16}, {10, 0, values, 160}, {10, 0, values, 16}}) ==
        Cycles{11 + latency, 21 + latency, 22 + latency});
}

TEST_CASE("a slower clock gets more bytes through in a cycle") {
  StageCase c({1, 1, 1, 1, 64, 64, 8}, [&](Config& config) {
    config.clock.frequency_ghz = 0.5;
    config.memory.latency_cycles = latency;
    config.memory.bandwidth_gb_s = 16;  // 32 bytes per cycle
  });
  Asker asker(c, {{10, 0, keys, 128}});
  sc_core::sc_start();
  CHECK(asker.complete[0] == 10 + 4 + latency);
}
