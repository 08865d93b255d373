// The fast engine on a machine that the input stands for: threads, reuse, results and a log of DRAM requests change
// nothing of what it says. (capcam_differential compares the engines on the same inputs.)
// SPDX-License-Identifier: Apache-2.0
#include "engines/fast/engine.h"

#include <cstring>
#include <functional>

#include "config/check.h"
#include "decoded_machine.h"
#include "engines/fast/results/data_finder.h"
#include "engines/fast/timing/timing.h"
#include "input.h"
#include "system/transcript.h"

using namespace capcam;
using namespace capcam::testing;

namespace {

void check_equal(const fast::Timing& a, const fast::Timing& b) {
  fuzz::require(a.cycles == b.cycles && a.completed == b.completed && a.first_entry == b.first_entry,
                "times do not depend on reuse or on looking at data");
  fuzz::require(std::memcmp(&a.tally, &b.tally, sizeof(a.tally)) == 0,
                "busy and blocked cycles and actions do not depend on reuse or on looking at data");
}

void check_reuse(const Workload& workload, const TraceShape& shape, const Config& config, const Mapping& mapping) {
  const fast::TimingRules rules(shape, config, mapping, workload.valid_keys(workload.id(0)));
  fast::DataFinder drops(workload, config, rules);
  const fast::Timing plain = fast::time_workload(workload, rules, std::ref(drops), {false, true});
  check_equal(plain, fast::time_workload(workload, rules, std::ref(drops), {false, false}));
  check_equal(plain, fast::time_workload(workload, rules, std::ref(drops), {true, false}));
}

void check_machine(const RandomMachine& machine) {
  const Config& config = machine.config;
  const TraceShape& shape = machine.trace.shape;
  if (const auto problems = relation_problems(config); !problems.empty()) throw InputError(problems.front().text);
  const Workload workload(machine.trace, config);
  const Mapping mapping = map_onto(shape, config);
  const auto queries = static_cast<std::uint32_t>(shape.queries);
  TranscriptSink one(queries), two(queries);
  const TranscriptSink none(queries);
  const RunStats stats = simulate_fast(workload, config, mapping, one, 1);
  check_conservation(stats);
  const std::string all = transcript(stats, one), times = transcript(stats, none);
  const RunStats threaded = simulate_fast(workload, config, mapping, two, 2);
  fuzz::require(transcript(threaded, two) == all, "two threads say what one says");
  fuzz::require(transcript(time_fast(workload, config, mapping), none) == times, "times do not depend on results");
  DramTranscript requests;
  const RunStats logged = time_fast(
      workload, config, mapping, [] { return false; }, &requests);
  fuzz::require(transcript(logged, none) == times, "times do not depend on a log");
  check_reuse(workload, shape, config, mapping);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::accepts([&] { check_machine(fuzz::decoded_machine(data, size)); });
  return 0;
}
