// The message that a user reads when a machine stops before its work is done.
// SPDX-License-Identifier: Apache-2.0
#include "capcam/error.h"
#include "engines/systemc/engine.h"
#include "support/catch.h"
#include "support/collecting_sink.h"
#include "support/random_trace.h"

using namespace capcam;
using namespace capcam::systemc;
using namespace capcam::testing;

TEST_CASE("a machine that can go nowhere ends with the cycle, the work done and the state of every stage") {
  Config config;
  const Trace trace = random_trace({1, 1, 1, 2, 70, 64, 8});
  const Workload workload(trace, config);
  const Mapping mapping = map_onto(trace.shape, config);
  config.memory.value_sram_kib = 0;  // map_onto refuses it: the 5 bursts of either query find no place
  CollectingSink sink;
  std::string text;
  try {
    simulate_systemc(workload, config, mapping, sink, {});
  } catch (const LawBroken& error) {
    text = error.what();
  }
  CHECK(sink.taken == 0);
  for (const char* said :
       {"no progress at cycle", "0 of 2 head-queries are done", "core0.dispatch", "core0.array0.key_programming",
        "core0.array0.cam_array", "core0.array0.sensing", "core0.tile_selection", "core0.merge",
        "core0.prefetch: 10 bursts wait, 0 slots free", "core0.softmax", "core0.contextualization", "dram"}) {
    INFO(text);
    CHECK_THAT(text, ContainsSubstring(said));
  }
}
