// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "capcam/error.h"
#include "capcam/run_stats.h"
#include "engines/fast/engine.h"
#include "support/catch.h"
#include "support/collecting_sink.h"
#include "support/random_trace.h"

using namespace capcam;
using namespace capcam::testing;

namespace {

RunStats a_run() {
  const Config config;
  const Trace trace = random_trace({1, 2, 1, 6, 50, 64, 8});
  const Workload workload(trace, config);
  CollectingSink sink;
  return simulate_fast(workload, config, map_onto(trace.shape, config), sink, 1);
}

std::string broken_law(const RunStats& stats) {
  try {
    check_conservation(stats);
  } catch (const LawBroken& law) {
    return law.what();
  }
  return "";
}

// Adds one to the i-th action and says which that was.
struct Increment {
  std::size_t i;
  std::string name{};
  std::size_t at = 0;
  void field(std::string_view of, std::uint64_t& count, const Spec<std::uint64_t>&) {
    if (at++ != i) return;
    name = of;
    ++count;
  }
};

}  // namespace

TEST_CASE("a run that was counted right keeps every law") { CHECK(broken_law(a_run()).empty()); }

TEST_CASE("a cycle that is nothing, or two things at once, is found and its stage named") {
  const RunStats good = a_run();
  for (std::size_t i = 0; i < good.stages.size(); ++i) {
    RunStats more = good, fewer = good;
    ++more.stages[i].busy;
    --fewer.stages[i].starved;
    INFO(good.stages[i].name);
    CHECK_THAT(broken_law(more), ContainsSubstring(good.stages[i].name + ": busy"));
    CHECK_THAT(broken_law(fewer), ContainsSubstring(good.stages[i].name + ": busy"));
  }
}

TEST_CASE("an action that is counted once too often is found") {
  // A run can have any number of these, because they stand in no fixed ratio to others (those of the converter: every
  // kind of converter counts in its own way; loads of keys depend on which heads share them, and the test of DRAM
  // requests counts those).
  const std::set<std::string> free = {"cam_array.match",     "cam_array.mismatch",  "cam_array.pair",
                                      "cam_array.write_row", "cam_array.write_bit", "search_line.drive",
                                      "value_sram.read",     "converter.ramp_step", "converter.compare",
                                      "key_sram.write",      "dram.key_bytes"};
  const RunStats good = a_run();
  for (std::size_t i = 0;; ++i) {
    RunStats stats = good;
    Increment increment{i};
    ActionCounts::describe(increment, stats.counts);
    if (increment.name.empty()) break;
    INFO(increment.name);
    CHECK((broken_law(stats).find(increment.name) != std::string::npos) != (free.count(increment.name) == 1));
  }
}

TEST_CASE("heads that end before they begin, or not with the run, are found") {
  const RunStats good = a_run();
  RunStats late = good;
  ++late.heads.back().last_cycle;
  CHECK_THAT(broken_law(late), ContainsSubstring("the last cycle of all heads"));
  RunStats backwards = good;
  backwards.heads.front().first_cycle = good.cycles + 1;
  CHECK_THAT(broken_law(backwards), ContainsSubstring("head 0 begins at"));
}

TEST_CASE("all broken laws are named at once") {
  RunStats stats = a_run();
  ++stats.stages[0].busy;
  ++stats.counts.merger_merge;
  CHECK_THAT(broken_law(stats), ContainsSubstring("association: busy") && ContainsSubstring("merger.merge"));
}
