// The bounded channel: what it promises, and that it refuses what breaks its laws in every build.
// SPDX-License-Identifier: Apache-2.0
#include "engines/systemc/fifo.h"

#include "support/catch.h"
#include "support/stage_bench.h"

using namespace capcam;
using namespace capcam::systemc;
using namespace capcam::testing;

namespace {

void push(Fifo<int>& fifo, int token, Cycle ready) {
  REQUIRE(fifo.place() != nullptr);
  *fifo.place() = token;
  fifo.push(ready);
}

}  // namespace

TEST_CASE("a token is there for its reader from its cycle on, not a cycle earlier") {
  Clock clock(1.0);
  Fifo<int> fifo("fifo", clock, 2);
  push(fifo, 7, 10);
  CHECK(fifo.ready_at() == 10);
  run_to_eve_of(clock, 10);
  CHECK(fifo.front() == nullptr);
  run_into(clock, 10);
  REQUIRE(fifo.front() != nullptr);
  CHECK(*fifo.front() == 7);
}

TEST_CASE("a reader is woken when the oldest token is there, and again for the next") {
  Clock clock(1.0);
  Fifo<int> fifo("fifo", clock, 4);
  Sink<int> sink("sink", clock, fifo);
  for (const Cycle ready : {3, 3, 8}) push(fifo, static_cast<int>(ready), ready);
  sc_core::sc_start();
  CHECK(sink.ready == std::vector<Cycle>{3, 3, 8});
  CHECK(clock.now() == 8);  // nobody woke it later
}

TEST_CASE("a full channel has no place, and wakes its writer when the reader takes a token") {
  Clock clock(1.0);
  Fifo<int> fifo("fifo", clock, 2);
  Source<int> source(
      "source", clock, fifo, 6, [](std::size_t) { return Cycle(1); },
      [](std::size_t i, int& token) { token = static_cast<int>(i); });
  Sink<int> sink("sink", clock, fifo, [](std::size_t) { return Cycle(10); });
  sc_core::sc_start();
  CHECK(sink.tokens == std::vector<int>{0, 1, 2, 3, 4, 5});
  CHECK(source.pushed == std::vector<Cycle>{1, 1, 11, 11, 21, 21});
  CHECK(fifo.fill() == 0);
}

TEST_CASE("a place is free from the cycle that the reader says, perhaps only later") {
  Clock clock(1.0);
  Fifo<int> fifo("fifo", clock, 1);
  run_into(clock, 0);
  push(fifo, 1, 0);
  CHECK(fifo.place() == nullptr);
  fifo.take(12);
  CHECK(fifo.place() != nullptr);
  CHECK(fifo.free_from() == 12);
}

TEST_CASE("a channel keeps any number of tokens in order when it is not a power of two") {
  Clock clock(1.0);
  Fifo<int> fifo("fifo", clock, 3);
  run_into(clock, 0);
  for (int round = 0; round < 5; ++round) {
    for (int i = 0; i < 3; ++i) push(fifo, 3 * round + i, 0);
    CHECK(fifo.place() == nullptr);
    for (int i = 0; i < 3; ++i) {
      CHECK(*fifo.front() == 3 * round + i);
      fifo.pop();
    }
  }
}

TEST_CASE("a channel refuses a token too many, one in the past, one before its place is free and one that overtakes") {
  Clock clock(1.0);
  Fifo<int> full("full", clock, 1), early("early", clock, 1), overtaken("overtaken", clock, 4), past("past", clock, 2);
  run_into(clock, 0);
  push(full, 1, 0);
  CHECK_THROWS_WITH(full.push(0), ContainsSubstring("full: a token is pushed into a full channel"));
  push(early, 1, 0);
  early.take(12);
  CHECK_THROWS_AS(early.push(11), LawBroken);
  CHECK_NOTHROW(early.push(12));
  push(overtaken, 1, 20);
  CHECK_THROWS_AS(overtaken.push(19), LawBroken);
  run_into(clock, 5);
  CHECK_THROWS_AS(past.push(4), LawBroken);
}

TEST_CASE("a channel refuses to give what is not there, and a place that is free in the past") {
  Clock clock(1.0);
  Fifo<int> fifo("fifo", clock, 2);
  CHECK_THROWS_AS(fifo.pop(), LawBroken);
  push(fifo, 1, 10);
  CHECK_THROWS_WITH(fifo.pop(), ContainsSubstring("fifo: a token is taken that is not there"));
  run_into(clock, 10);
  CHECK_THROWS_AS(fifo.take(9), LawBroken);
  CHECK_NOTHROW(fifo.pop());
}

TEST_CASE("a channel has one reader and one writer") {
  Clock clock(1.0);
  Fifo<int> fifo("fifo", clock, 2);
  Sink<int> first("first", clock, fifo), second("second", clock, fifo);
  CHECK_THROWS_WITH(sc_core::sc_start(), ContainsSubstring("are both bound as its reader"));
}
