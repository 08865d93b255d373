// SPDX-License-Identifier: Apache-2.0
#include "engines/systemc/dispatch.h"

#include "engines/systemc/answer_queue.h"
#include "support/catch.h"
#include "support/stage_bench.h"

using namespace capcam;
using namespace capcam::systemc;
using namespace capcam::testing;

namespace {

constexpr TraceShape four_queries{1, 1, 1, 4, 64, 64, 8};

// A merge that hands each group over `stay(i)` cycles after its entry.
struct Registers final : Module {
  Registers(const sc_core::sc_module_name& name, Clock& clock, std::function<Cycle(std::size_t)> stay_)
      : Module(name, clock), stay(std::move(stay_)) {
    sensitive << entries.written();
  }
  std::string state() const override { return name(); }
  void step() override {
    while (const GroupEntry* const group = entries->front()) {
      const Cycle leaves = now() + stay(entered.size());
      entered.push_back(now());
      groups.push_back(*group);
      if (group->last_of_head) {
        progress.next() = {GroupProgress::Kind::head_drained, group->queries.front().head};
        progress->push(leaves);
      }
      progress.next() = {GroupProgress::Kind::handed_over, group->queries.front().head};
      progress->push(leaves);
      entries->pop();
    }
  }
  In<GroupEntry> entries{"entries"};
  Out<GroupProgress> progress{"progress"};
  std::function<Cycle(std::size_t)> stay;
  std::vector<Cycle> entered;
  std::vector<GroupEntry> groups;
};

// The dispatch of a core with one array, whose merge is `registers`.
struct Bench {
  Bench(const std::string& name, StageCase& c, std::function<Cycle(std::size_t)> stay)
      : heads(c.workload.head_count()),
        work((name + "_work").c_str(), c.clock, 2),
        queries((name + "_queries").c_str(), c.clock, 2),
        entries((name + "_entries").c_str(), c.clock, 4),
        progress((name + "_progress").c_str(), c.clock, 8),
        stage((name + "_stage").c_str(), c.context, heads),
        registers((name + "_registers").c_str(), c.clock, std::move(stay)),
        array((name + "_array").c_str(), c.clock, work),
        buffer((name + "_buffer").c_str(), c.clock, queries) {
    stage.work(work);
    stage.queries(queries);
    stage.entries(entries);
    stage.progress(progress);
    registers.entries(entries);
    registers.progress(progress);
  }
  std::vector<HeadStats> heads;
  Fifo<ArrayWork> work;
  Fifo<ArrayQueries> queries;
  Fifo<GroupEntry> entries;
  Fifo<GroupProgress> progress;
  Dispatch stage;
  Registers registers;
  Sink<ArrayWork> array;
  Sink<ArrayQueries> buffer;
};

}  // namespace

TEST_CASE("the first query enters at cycle 0, the next when the one before is handed over, not a cycle earlier") {
  StageCase c(four_queries);
  Bench bench("b", c, [](std::size_t) { return Cycle(50); });
  run_to_eve_of(c.clock, 50);
  CHECK(bench.registers.entered == std::vector<Cycle>{0});
  run_into(c.clock, 50);
  CHECK(bench.registers.entered == std::vector<Cycle>{0, 50});
}

TEST_CASE("an array gets the jobs and the bits of every query, in order") {
  StageCase c(four_queries);
  Bench bench("b", c, [](std::size_t) { return Cycle(50); });
  sc_core::sc_start();
  REQUIRE(bench.array.tokens.size() == 4);
  REQUIRE(bench.buffer.tokens.size() == 4);
  const auto head = c.workload.head(0);
  for (std::uint32_t i = 0; i < 4; ++i) {
    const ArrayWork& work = bench.array.tokens[i];
    CHECK(work.query == i);
    REQUIRE(work.jobs.size() == 4);
    for (std::uint32_t tile = 0; tile < 4; ++tile) CHECK(work.jobs[tile].tile == tile);
    REQUIRE(bench.buffer.tokens[i].queries.size() == 1);
    const ArrayQueries::Query& query = bench.buffer.tokens[i].queries[0];
    CHECK(query.tag.query == i);
    const auto words = head->query_bits.words(i, 0);
    CHECK(query.words == std::vector<std::uint64_t>(words.begin(), words.end()));
  }
  CHECK(c.counts.query_buffer_write == 4);
}

TEST_CASE("queries that are handed over at once enter one after another in the same cycle") {
  StageCase c(four_queries);
  Bench bench("b", c, [](std::size_t) { return Cycle(0); });
  sc_core::sc_start();
  CHECK(bench.registers.entered == std::vector<Cycle>{0, 0, 0, 0});
}

TEST_CASE("a merge that keeps its query keeps the next one out, and nothing is lost or reordered") {
  StageCase c(four_queries);
  Bench bench("b", c, [](std::size_t i) { return Cycle(i == 1 ? 1000 : 20); });
  sc_core::sc_start();
  CHECK(bench.registers.entered == std::vector<Cycle>{0, 20, 1020, 1040});
  for (std::uint32_t i = 0; i < 4; ++i) CHECK(bench.registers.groups[i].queries[0].sequence == i);
  CHECK(bench.registers.groups[3].last_of_head);
  CHECK(bench.heads[0].first_cycle == 0);
}

TEST_CASE("groups of queries enter together") {
  StageCase c(four_queries, [](Config& config) { config.array.queries_per_program = 3; });
  Bench bench("b", c, [](std::size_t) { return Cycle(10); });
  sc_core::sc_start();
  REQUIRE(bench.registers.groups.size() == 2);
  CHECK(bench.registers.groups[0].queries.size() == 3);
  CHECK(bench.registers.groups[1].queries.size() == 1);
  CHECK(bench.registers.groups[1].queries[0].sequence == 3);
  CHECK(bench.buffer.tokens[0].queries.size() == 3);
}

TEST_CASE("with overlap the next query enters when the array has done the last search of the one before") {
  StageCase c(four_queries, [](Config& config) { config.pipeline.query_overlap = true; });
  Bench bench("b", c, [](std::size_t) { return Cycle(70); });
  Fifo<GroupSearched> searched("searched", c.clock, 2);
  bench.stage.searched(searched);
  Source<GroupSearched> source(
      "array_done", c.clock, searched, 4, [](std::size_t i) { return Cycle(30 + 30 * i); },
      [](std::size_t, GroupSearched& token) { token = {0}; });
  sc_core::sc_start();
  // Searched at 30, 60, 90; handed over 70 cycles after entry; at most two queries are in association.
  CHECK(bench.registers.entered == std::vector<Cycle>{0, 30, 70, 100});
}

namespace {

// Keys that are loaded come `latency` cycles after they were asked for.
struct SlowKeys final : MemoryIf {
  SlowKeys(const char* name, StageCase& c, Cycle latency_) : clock(c.clock), queue(name, c.clock), latency(latency_) {}
  void request(const MemoryRequest& request) override {
    requests.push_back(request);
    asked.push_back(clock.now());
    queue.post(request.tag, clock.now() + latency);
  }
  Clock& clock;
  AnswerQueue queue;
  Cycle latency;
  std::vector<MemoryRequest> requests;
  std::vector<Cycle> asked;
};

void load_keys(Config& config) { config.memory.key_load = HeadLoad::modelled; }

}  // namespace

TEST_CASE("a head waits for its keys, which are asked for where they lie, one head ahead if two fit") {
  StageCase c({1, 2, 2, 2, 64, 64, 8}, load_keys);
  Bench bench("b", c, [](std::size_t) { return Cycle(50); });
  SlowKeys keys("keys", c, 33);
  bench.stage.memory(keys);
  bench.stage.answers(keys.queue);
  sc_core::sc_start();
  CHECK(bench.registers.entered == std::vector<Cycle>{33, 83, 133, 183});
  CHECK(keys.asked == std::vector<Cycle>{0, 33});  // the second head's when the first enters
  REQUIRE(keys.requests.size() == 2);
  for (std::uint32_t head = 0; head < 2; ++head) {
    CHECK(keys.requests[head].ranges.front().address == c.layout.keys_of_head(head));
    CHECK(keys.requests[head].bytes() == 64 * 64 / 8);
  }
  CHECK(c.counts.dram_key_bytes == 2 * 64 * 64 / 8);
}

TEST_CASE("keys that come later make queries enter later, and change nothing else") {
  StageCase c({1, 2, 2, 2, 64, 64, 8}, load_keys);
  Bench soon("soon", c, [](std::size_t) { return Cycle(50); });
  SlowKeys fast("fast", c, 1);
  soon.stage.memory(fast);
  soon.stage.answers(fast.queue);
  Bench late("late", c, [](std::size_t i) { return Cycle(50 + 7 * i % 5); });
  SlowKeys slow("slow", c, 400);
  late.stage.memory(slow);
  late.stage.answers(slow.queue);
  sc_core::sc_start();
  REQUIRE(soon.array.tokens.size() == 4);
  REQUIRE(late.array.tokens.size() == 4);
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(soon.array.tokens[i].head == late.array.tokens[i].head);
    CHECK(soon.array.tokens[i].query == late.array.tokens[i].query);
    CHECK(soon.buffer.tokens[i].queries[0].words == late.buffer.tokens[i].queries[0].words);
  }
  CHECK(soon.registers.entered.back() < late.registers.entered.back());
}

TEST_CASE("the handover of a group that is not in association is a broken law") {
  StageCase c(four_queries);
  Bench bench("b", c, [](std::size_t) { return Cycle(50); });
  bench.progress.disturb([](GroupProgress& token) { token.head += 1; });
  CHECK_THROWS_WITH(sc_core::sc_start(), ContainsSubstring("is told of the handover of no group"));
}
