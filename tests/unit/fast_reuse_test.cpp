// SPDX-License-Identifier: Apache-2.0
#include <functional>

#include "engines/fast/results/data_finder.h"
#include "engines/fast/timing/timing.h"
#include "support/catch.h"
#include "support/random_machine.h"

using namespace capcam;
using namespace capcam::testing;

namespace {

void check_equal(const fast::Timing& a, const fast::Timing& b) {
  CHECK(a.cycles == b.cycles);
  CHECK(a.completed == b.completed);
  CHECK(a.first_entry == b.first_entry);
  for (const StageEntry& entry : stage_list) {
    CAPTURE(entry.name);
    CHECK(a.tally.busy[entry.stage] == b.tally.busy[entry.stage]);
    CHECK(a.tally.blocked[entry.stage] == b.tally.blocked[entry.stage]);
  }
  CHECK(std::memcmp(&a.tally.counts, &b.tally.counts, sizeof(ActionCounts)) == 0);
}

}  // namespace

TEST_CASE("times are the same whether known ones are reused or all worked out, with the data or without") {
  for (std::uint32_t seed = 1; seed <= 400; ++seed) {
    CAPTURE(seed);
    const RandomMachine random = random_machine(seed);
    const Workload workload(random.trace, random.config);
    const Mapping mapping = map_onto(random.trace.shape, random.config);
    const fast::TimingRules rules(random.trace.shape, random.config, mapping, workload.valid_keys(workload.id(0)));
    fast::DataFinder drops(workload, random.config, rules);
    const fast::Timing plain = fast::time_workload(workload, rules, std::ref(drops), {false, true});
    check_equal(plain, fast::time_workload(workload, rules, std::ref(drops), {false, false}));
    check_equal(plain, fast::time_workload(workload, rules, std::ref(drops), {true, false}));
  }
}
