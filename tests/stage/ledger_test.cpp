// Where a unit's cycles go.
// SPDX-License-Identifier: Apache-2.0
#include "engines/systemc/ledger.h"

#include <random>

#include "support/catch.h"
#include "support/stage_bench.h"

using namespace capcam;
using namespace capcam::systemc;
using namespace capcam::testing;

TEST_CASE("a unit is busy while it works, blocked while its result waits, else starved") {
  Ledger ledger;
  ledger.work(10, 15, 22, {});
  ledger.work(30, 31, 31, {});
  ledger.finish(40);
  CHECK(ledger.busy() == 5 + 1);
  CHECK(ledger.blocked() == 22 - 15);
  CHECK(ledger.starved() == 40 - 6 - 7);
}

TEST_CASE("where work overlaps a wait or other work, busy counts before blocked and nothing counts twice") {
  Ledger ledger;
  ledger.work(0, 10, 50, {});
  ledger.work(20, 30, 30, {});  // the first result still waits: blocked before and after it
  ledger.work(25, 35, 35, {});
  ledger.finish(60);
  CHECK(ledger.busy() == 10 + 15);
  CHECK(ledger.blocked() == (20 - 10) + (50 - 35));
  CHECK(conserves(ledger, 60));
}

TEST_CASE("what outlives the run is cut off at its end") {
  Ledger ledger;
  ledger.work(0, 10, 10, {});
  ledger.work(95, 120, 130, {});
  ledger.finish(100);
  CHECK(ledger.busy() == 10 + 5);
  CHECK(ledger.blocked() == 0);
  CHECK(conserves(ledger, 100));
}

TEST_CASE("a result that never gives its slot back blocks its unit to the end") {
  SlotLedger ledger;
  ledger.work(10, 12, 0, {});
  ledger.work(11, 14, SlotLedger::no_slot, {});
  ledger.finish(20);
  CHECK(ledger.busy() == 4);
  CHECK(ledger.blocked() == 20 - 14);
  CHECK(conserves(ledger, 20));
}

TEST_CASE("a unit whose state is told is blocked while something waits, else busy while something is under way") {
  StateLedger ledger;
  ledger.set_under_way(10, true);
  ledger.set_waiting(15, true);
  ledger.set_under_way(20, false);
  ledger.set_waiting(30, false);
  ledger.set_under_way(40, true);
  ledger.finish(50);
  CHECK(ledger.busy() == (15 - 10) + (50 - 40));
  CHECK(ledger.blocked() == 30 - 15);
  CHECK(conserves(ledger, 50));
}

namespace {

// Adds up what a ledger tells its observer.
struct Watcher final : StateObserver {
  void spent(UnitState state, Cycle from, Cycle to, const Activity&) override {
    CHECK(from >= known);
    CHECK(to > from);
    known = to;
    (state == UnitState::busy ? busy : blocked) += to - from;
  }
  Cycle known = 0, busy = 0, blocked = 0;
};

}  // namespace

TEST_CASE("pieces of time come in order, do not overlap and add up to what is counted") {
  std::mt19937 engine(3);
  const auto pick = [&](int low, int high) { return Cycle(std::uniform_int_distribution<int>(low, high)(engine)); };
  Ledger ledger;
  Watcher watcher;
  ledger.watch(&watcher);
  Cycle from = 0;
  for (int i = 0; i < 1000; ++i) {
    from += pick(0, 20);
    const Cycle to = from + pick(0, 12);
    ledger.work(from, to, to + pick(0, 15), {});
  }
  const Cycle end = from + 100;
  ledger.finish(end);
  CHECK(watcher.busy == ledger.busy());
  CHECK(watcher.blocked == ledger.blocked());
  CHECK(conserves(ledger, end));
}
