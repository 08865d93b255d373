// SPDX-License-Identifier: Apache-2.0
#include "engines/systemc/slots.h"

#include "support/catch.h"

using namespace capcam;
using namespace capcam::systemc;

TEST_CASE("slots are taken in turn, and the next one is known to be free when it has been given back") {
  Slots slots("slots", 3);
  sc_core::sc_start(sc_core::SC_ZERO_TIME);  // events are notified in a running simulation
  for (std::uint32_t i = 0; i < 3; ++i) {
    REQUIRE(slots.can_take());
    CHECK(slots.take() == i);
  }
  CHECK_FALSE(slots.can_take());
  slots.give(1, 30);  // out of order: slot 0 is the next one
  CHECK_FALSE(slots.can_take());
  slots.give(0, 20);
  REQUIRE(slots.can_take());
  CHECK(slots.free_from() == 20);
  CHECK(slots.take() == 0);
  CHECK(slots.free_from() == 30);
}

TEST_CASE("a slot that is taken twice or given back twice is a broken law") {
  Slots slots("slots", 1);
  CHECK_THROWS_AS(slots.give(0, 5), LawBroken);
  slots.take();
  CHECK_THROWS_WITH(slots.take(), ContainsSubstring("slots: slot 0 is taken twice"));
  slots.give(0, 5);
  CHECK_THROWS_AS(slots.give(0, 6), LawBroken);
  CHECK_THROWS_AS(slots.give(7, 6), LawBroken);
}

TEST_CASE("a taken slot is charged to the ledger until it is given back") {
  Slots slots("slots", 2);
  SlotLedger ledger;
  slots.charge(ledger);
  const std::uint32_t slot = slots.take();
  ledger.work(10, 15, slot, {});
  slots.give(slot, 40);
  ledger.finish(50);
  CHECK(ledger.busy() == 5);
  CHECK(ledger.blocked() == 25);
  CHECK(ledger.starved() == 20);
}
