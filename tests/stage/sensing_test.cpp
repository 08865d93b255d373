// SPDX-License-Identifier: Apache-2.0
#include "engines/systemc/sensing.h"

#include "support/catch.h"
#include "support/stage_bench.h"

using namespace capcam;
using namespace capcam::systemc;
using namespace capcam::testing;

namespace {

constexpr Cycle conversion = 2;  // the default converter

// A sensing stage behind a source of searches; the i-th search matches i columns in every row.
struct Bench {
  Bench(const std::string& name, StageCase& c, std::size_t searches, std::function<Cycle(std::size_t)> due)
      : matches((name + "_matches").c_str(), c.clock, 1),
        slots((name + "_slots").c_str(), 5),
        codes((name + "_codes").c_str(), c.clock, 7),
        stage(model_sensing((name + "_stage").c_str(), c.context)),
        source((name + "_source").c_str(), c.clock, matches, searches, std::move(due),
               [&c](std::size_t i, MatchCounts& m) {
                 m = {c.query(), 0, 0, std::vector<std::uint32_t>(16, static_cast<std::uint32_t>(i % 65)), {}};
               }) {
    stage->matches(matches);
    stage->slots(slots);
    stage->codes(codes);
  }
  bool ready() { return codes.front() != nullptr; }
  Fifo<MatchCounts> matches;
  Slots slots;
  Fifo<Codes> codes;
  std::unique_ptr<systemc::Sensing> stage;
  Source<MatchCounts> source;
};

// Takes codes as they come, as the tile selection does; the i-th one's slot is free `stall(i)` cycles later.
struct Reader final : Module {
  Reader(const sc_core::sc_module_name& name, Clock& clock, Bench& bench, std::function<Cycle(std::size_t)> stall_)
      : Module(name, clock), stall(std::move(stall_)) {
    codes(bench.codes);
    slots(bench.slots);
    sensitive << codes.written();
  }
  std::string state() const override { return name(); }
  void step() override {
    while (const Codes* const token = codes->front()) {
      slots->give(token->slot, now() + stall(values.size()));
      ready.push_back(now());
      values.push_back(token->codes[0]);
      codes->pop();
    }
  }
  In<Codes> codes{"codes"};
  sc_core::sc_port<SlotGiveIf> slots{"slots"};
  std::function<Cycle(std::size_t)> stall;
  std::vector<Cycle> ready;
  std::vector<std::uint32_t> values;
};

}  // namespace

TEST_CASE("codes are there one conversion after the converters took the search, not a cycle earlier") {
  StageCase c;
  Bench bench("b", c, 1, [](std::size_t) { return Cycle(10); });
  run_to_eve_of(c.clock, 10 + conversion);
  CHECK_FALSE(bench.ready());
  run_into(c.clock, 10 + conversion);
  CHECK(bench.ready());
}

TEST_CASE("converters take a search every conversion time") {
  StageCase c;
  Bench bench("b", c, 20, [](std::size_t) { return Cycle(1); });
  Reader reader("reader", c.clock, bench, [](std::size_t) { return Cycle(0); });
  sc_core::sc_start();
  REQUIRE(reader.ready.size() == 20);
  for (Cycle i = 0; i < 20; ++i) CHECK(reader.ready[i] == 1 + conversion * (i + 1));
}

TEST_CASE("rows that share a converter are converted one after another") {
  StageCase c({1, 1, 1, 1, 64, 64, 8}, [](Config& config) { config.sensing.rows_per_converter = 4; });
  Bench bench("b", c, 1, [](std::size_t) { return Cycle(10); });
  run_to_eve_of(c.clock, 10 + 4 * conversion);
  CHECK_FALSE(bench.ready());
  run_into(c.clock, 10 + 4 * conversion);
  CHECK(bench.ready());
}

TEST_CASE("a search whose result has no slot keeps the converters, and nothing is lost or reordered") {
  StageCase c;
  Bench bench("b", c, 40, [](std::size_t) { return Cycle(1); });
  Reader reader("reader", c.clock, bench, [](std::size_t i) { return Cycle(i % 7 == 0 ? 30u : 0u); });
  sc_core::sc_start();
  REQUIRE(reader.values.size() == 40);
  for (std::uint32_t i = 0; i < 40; ++i) CHECK(reader.values[i] == c.sensing.code(0, i % 65));
  CHECK(bench.source.pushed.back() > 1 + 39 * conversion);  // the source was held up
}

TEST_CASE("sensing: every cycle is busy, starved or blocked") {
  StageCase c;
  Bench bench("b", c, 12, [](std::size_t i) { return Cycle(1 + 9 * i); });
  Reader reader("reader", c.clock, bench, [](std::size_t i) { return Cycle(i == 3 ? 200u : 0u); });
  sc_core::sc_start();
  const Cycle end = reader.ready.back() + 5;
  bench.stage->finish(end);
  CHECK(bench.stage->ledger.busy() == 12 * conversion);
  CHECK(bench.stage->ledger.blocked() > 0);
  CHECK(conserves(bench.stage->ledger, end));
  CHECK(c.counts.converter_convert == 12 * 16);
}

TEST_CASE("stalls behind the converters change when codes come, never the codes") {
  StageCase c;
  Bench free("free", c, 30, [](std::size_t) { return Cycle(1); });
  Bench held("held", c, 30, [](std::size_t) { return Cycle(1); });
  Reader fast("fast", c.clock, free, [](std::size_t) { return Cycle(0); });
  Reader slow("slow", c.clock, held, [](std::size_t i) { return Cycle(i * 5 % 23); });
  sc_core::sc_start();
  CHECK(fast.values == slow.values);
  CHECK(fast.ready != slow.ready);
}
