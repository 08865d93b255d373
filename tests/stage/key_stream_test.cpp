// SPDX-License-Identifier: Apache-2.0
#include "engines/systemc/key_stream.h"

#include <random>

#include "engines/systemc/answer_queue.h"
#include "support/catch.h"
#include "support/stage_bench.h"

using namespace capcam;
using namespace capcam::systemc;
using namespace capcam::testing;

namespace {

constexpr Cycle latency = 40;
constexpr std::uint32_t depth = 8;  // tiles of 16 keys of 64 bits that a KiB holds
constexpr std::size_t tiles = 20;   // per query
constexpr std::uint64_t tile_bytes = 16 * 64 / 8;

void small_sram(Config& config) { config.memory.key_sram_kib = 1; }
constexpr TraceShape shape{1, 1, 1, 2, tiles * 16, 64, 8};

// Answers `delay(i)` cycles after the i-th request.
struct TestMemory final : MemoryIf {
  TestMemory(const std::string& name, Clock& clock_, std::function<Cycle(std::size_t)> delay_)
      : clock(clock_), answers((name + "_answers").c_str(), clock_), delay(std::move(delay_)) {}
  void request(const MemoryRequest& request) override {
    answers.post(request.tag, clock.now() + delay(requests.size()));
    requests.push_back(request);
    asked.push_back(clock.now());
  }
  Clock& clock;
  AnswerQueue answers;
  std::function<Cycle(std::size_t)> delay;
  std::vector<MemoryRequest> requests;
  std::vector<Cycle> asked;
};

// An array that takes each job's keys and has written them `writing(i)` cycles later.
struct Programming final : Module {
  Programming(const sc_core::sc_module_name& name, Clock& clock, std::function<Cycle(std::size_t)> writing_)
      : Module(name, clock), writing(std::move(writing_)) {
    sensitive << keys.written();
  }
  std::string state() const override { return name(); }
  void step() override {
    while (const StreamedKeys* const token = keys->front()) {
      const Cycle start = std::max(now(), free);
      if (start > now()) return wake_at(start);
      there.push_back(keys->ready_at());
      tokens.push_back(*token);
      free = now() + writing(tokens.size() - 1);
      used.next() = {token->fetch};
      used->push(free);
      keys->pop();
    }
  }
  In<StreamedKeys> keys{"keys"};
  Out<StreamedKeysUsed> used{"used"};
  std::function<Cycle(std::size_t)> writing;
  Cycle free = 0;
  std::vector<Cycle> there;
  std::vector<StreamedKeys> tokens;
};

struct Bench {
  Bench(
      const std::string& name, StageCase& c, std::function<Cycle(std::size_t)> writing,
      std::function<Cycle(std::size_t)> delay = [](std::size_t) { return latency; })
      : memory(name, c.clock, std::move(delay)),
        keys((name + "_keys").c_str(), c.clock, 1),
        used((name + "_used").c_str(), c.clock, 2),
        stage((name + "_stage").c_str(), c.context),
        array((name + "_array").c_str(), c.clock, std::move(writing)) {
    stage.memory(memory);
    stage.answers(memory.answers);
    stage.keys(keys);
    stage.used(used);
    array.keys(keys);
    array.used(used);
  }
  TestMemory memory;
  Fifo<StreamedKeys> keys;
  Fifo<StreamedKeysUsed> used;
  KeyStream stage;
  Programming array;
};

}  // namespace

TEST_CASE("keys are there when the memory has answered, not a cycle earlier") {
  StageCase c(shape, small_sram);
  Bench bench("b", c, [](std::size_t) { return Cycle(4); });
  run_to_eve_of(c.clock, latency);
  CHECK(bench.array.tokens.empty());
  run_into(c.clock, latency);
  CHECK(bench.array.tokens.size() == 1);
}

TEST_CASE("fetches run ahead as far as the key SRAM holds, and go on when a place has been used") {
  StageCase c(shape, small_sram);
  Bench bench("b", c, [](std::size_t) { return Cycle(4); });
  run_to_eve_of(c.clock, latency + 4);
  CHECK(bench.memory.requests.size() == depth);
  CHECK(bench.memory.asked == std::vector<Cycle>(depth, 0));
  run_into(c.clock, latency + 4);
  REQUIRE(bench.memory.requests.size() == depth + 1);
  CHECK(bench.memory.asked.back() == latency + 4);
}

TEST_CASE("every tile of every query is fetched once, where it lies, and its words arrive in the order of the jobs") {
  StageCase c(shape, small_sram);
  Bench bench("b", c, [](std::size_t) { return Cycle(4); });
  sc_core::sc_start();
  REQUIRE(bench.memory.requests.size() == 2 * tiles);
  REQUIRE(bench.array.tokens.size() == 2 * tiles);
  for (std::uint32_t i = 0; i < 2 * tiles; ++i) {
    const auto tile = static_cast<std::uint32_t>(i % tiles);
    CHECK(bench.memory.requests[i].bytes() == tile_bytes);
    CHECK(bench.memory.requests[i].ranges.front().address == c.layout.keys_of_tile(0, tile, 0, 0));
    CHECK(bench.array.tokens[i].fetch == i);
    std::vector<std::uint64_t> words;
    c.group().head->key_bits.copy_rows({16 * tile, 16}, 0, words);
    CHECK(bench.array.tokens[i].words == words);
  }
  CHECK(c.counts.dram_key_bytes == 2 * tiles * tile_bytes);
  CHECK(c.counts.key_sram_write == 2 * tiles * 16 / 4);
}

TEST_CASE("a memory that keeps up lets the array write without a gap") {
  StageCase c(shape, small_sram);
  Bench bench("b", c, [](std::size_t) { return Cycle(6); });  // 8 places hide 40 cycles behind 8 * 6
  sc_core::sc_start();
  CHECK(bench.array.free == latency + Cycle(2 * tiles) * 6);
}

TEST_CASE("an array that does not take its keys holds the fetches up, and nothing is lost or reordered") {
  StageCase c(shape, small_sram);
  Bench bench("b", c, [](std::size_t i) { return Cycle(i == 2 ? 1000 : 4); });
  sc_core::sc_start();
  REQUIRE(bench.array.tokens.size() == 2 * tiles);
  for (std::uint32_t i = 0; i < 2 * tiles; ++i) CHECK(bench.array.tokens[i].fetch == i);
  CHECK(bench.memory.asked[depth + 2] == latency + 4 + 4 + 1000);
}

TEST_CASE("answers that come in any order, and stalls, change when keys come, never which") {
  StageCase c(shape, small_sram);
  Bench free("free", c, [](std::size_t) { return Cycle(4); });
  std::mt19937 engine(5);
  const auto pick = [&engine](int low, int high) {
    return Cycle(std::uniform_int_distribution<int>(low, high)(engine));
  };
  Bench held(
      "held", c, [&pick](std::size_t) { return pick(1, 90); }, [&pick](std::size_t) { return pick(1, 300); });
  sc_core::sc_start();
  REQUIRE(free.array.tokens.size() == held.array.tokens.size());
  for (std::size_t i = 0; i < free.array.tokens.size(); ++i) {
    CHECK(free.array.tokens[i].fetch == held.array.tokens[i].fetch);
    CHECK(free.array.tokens[i].words == held.array.tokens[i].words);
  }
  CHECK(free.array.there != held.array.there);
}
