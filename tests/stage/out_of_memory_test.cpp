// SPDX-License-Identifier: Apache-2.0
#include <new>

#include "capcam/systemc/memory.h"
#include "engines/systemc/engine.h"
#include "support/catch.h"
#include "support/collecting_sink.h"
#include "support/random_trace.h"

using namespace capcam;
using namespace capcam::systemc;
using namespace capcam::testing;

namespace {

struct FullMemory final : Memory {
  FullMemory() : Memory("full") {}
  void request(const MemoryRequest&) override { throw std::bad_alloc(); }
};

}  // namespace

TEST_CASE("memory that runs out inside a module is no fault of the simulator") {
  const Config config;
  const Trace trace = random_trace({1, 1, 1, 2, 70, 64, 8});
  const Workload workload(trace, config);
  SystemcOptions options;
  options.memory = [](const MemorySetting&) { return std::make_unique<FullMemory>(); };
  CollectingSink sink;
  CHECK_THROWS_AS(simulate_systemc(workload, config, map_onto(trace.shape, config), sink, options), std::bad_alloc);
}
