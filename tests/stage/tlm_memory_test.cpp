// The machine with a memory from outside: TLM-2.0 targets with banks and open rows, or with the latency and bandwidth
// of the built-in channel. The fast engine, which knows the built-in channel alone, says what must come out.
// SPDX-License-Identifier: Apache-2.0
#include "capcam/systemc/tlm_memory.h"

#include "engines/fast/engine.h"
#include "engines/systemc/engine.h"
#include "support/catch.h"
#include "support/random_trace.h"
#include "support/stage_bench.h"
#include "support/tlm_targets.h"
#include "system/transcript.h"

using namespace capcam;
using namespace capcam::systemc;
using namespace capcam::testing;

namespace {

constexpr Cycle latency = 37;

// A machine that asks its memory for keys and values; 16 bytes per cycle at 1 GHz, so that every transfer is a whole
// number of femtoseconds.
struct Case {
  explicit Case(
      const TraceShape& shape, const std::function<void(Config&)>& change = [](Config&) {})
      : trace(random_trace(shape, 2)) {
    config.memory.latency_cycles = latency;
    config.memory.bandwidth_gb_s = 16.0;
    config.memory.value_source = ValueSource::dram_prefetch;
    config.memory.key_load = HeadLoad::modelled;
    change(config);
    workload.emplace(trace, config);
    mapping = map_onto(trace.shape, config);
  }
  std::string by_fast_engine() const {
    TranscriptSink sink(static_cast<std::uint32_t>(trace.shape.queries));
    const RunStats stats = simulate_fast(*workload, config, mapping, sink, 1);
    return transcript(stats, sink);
  }
  RunStats run(ResultSink& sink, const SystemcOptions& options) const {
    const RunStats stats = simulate_systemc(*workload, config, mapping, sink, options);
    check_conservation(stats);
    return stats;
  }
  Config config;
  Trace trace;
  std::optional<Workload> workload;
  Mapping mapping;
};

template <class Target>
struct Outside final : TlmMemory {
  template <class... Times>
  Outside(const MemorySetting& setting, const TlmMemoryOptions& options, const Times&... times)
      : TlmMemory("memory", setting, options), target("target", times...) {
    socket.bind(target.socket);
  }
  Target target;
};

sc_core::sc_time ns(double t) { return {t, sc_core::SC_NS}; }

// The register of the initiator is a cycle of the built-in channel's latency.
void check_equals_built_in(const Case& c) {
  SystemcOptions options;
  options.memory = [](const MemorySetting& setting) {
    return std::make_unique<Outside<ChannelTarget>>(setting, TlmMemoryOptions{64, 4096},
                                                    ns(static_cast<double>(latency - 1)), ns(1.0 / 16));
  };
  TranscriptSink sink(static_cast<std::uint32_t>(c.trace.shape.queries));
  const RunStats stats = c.run(sink, options);
  CHECK(stats.counts.dram_value_bytes + stats.counts.dram_key_bytes > 0);
  CHECK(transcript(stats, sink) == c.by_fast_engine());
}

}  // namespace

TEST_CASE("a target with the built-in channel's latency and bandwidth gives its cycles") {
  check_equals_built_in(Case({1, 2, 1, 6, 200, 64, 40}));
}

TEST_CASE("a target with the built-in channel's latency and bandwidth gives its cycles: three cores, queries overlap") {
  check_equals_built_in(Case({1, 4, 2, 6, 150, 64, 40}, [](Config& config) {
    config.accelerator.cores = 3;
    config.array.count = 2;
    config.pipeline.query_overlap = true;
    config.memory.value_sram_kib = 4;
  }));
}

TEST_CASE("a target with the built-in channel's latency and bandwidth gives its cycles: keys are streamed") {
  check_equals_built_in(Case({1, 2, 2, 5, 300, 64, 16}, [](Config& config) {
    config.accelerator.cores = 2;
    config.memory.key_sram_kib = 1;
  }));
}

TEST_CASE("a target with the built-in channel's latency and bandwidth gives its cycles: kept rows alone, groups of 3") {
  check_equals_built_in(Case({1, 2, 2, 7, 150, 64, 40}, [](Config& config) {
    config.top_n.tile_k = 0;
    config.top_n.n = 8;
    config.array.queries_per_program = 3;
  }));
}

TEST_CASE("a DRAM with banks and open rows changes when outputs come, never the outputs") {
  const Case c({1, 2, 1, 6, 200, 64, 40}, [](Config& config) { config.accelerator.cores = 2; });
  Outside<BankedTarget>* memory = nullptr;
  std::vector<LineRead> reads;
  std::uint64_t hits = 0, misses = 0;
  std::size_t most = 0;
  std::vector<std::string> broken;
  struct Closing final : ResultSink {
    explicit Closing(std::function<void()> look_) : look(std::move(look_)) {}
    void take(const QueryResult& result) override { kept.take(result), look(); }
    void completed(std::uint32_t head, std::uint32_t query, std::uint64_t cycle) override {
      kept.completed(head, query, cycle);
    }
    std::function<void()> look;
    TranscriptSink kept{6};
  } sink([&] {
    reads = memory->target.reads;
    hits = memory->target.hits;
    misses = memory->target.misses;
    most = memory->target.most_under_way;
    broken = memory->target.broken;
  });
  SystemcOptions options;
  options.memory = [&memory](const MemorySetting& setting) {
    auto made = std::make_unique<Outside<BankedTarget>>(setting, TlmMemoryOptions{64, 12}, ns(4), ns(45));
    memory = made.get();
    return made;
  };
  const RunStats stats = c.run(sink, options);
  // Everything but times: selections and outputs, line by line from "keeps".
  const auto results = [](const std::string& text) {
    std::string all;
    for (std::size_t at = text.find("keeps"); at != std::string::npos; at = text.find("keeps", at + 1))
      all += text.substr(at, text.find('\n', at) - at) + "\n";
    return all;
  };
  const std::string built_in = c.by_fast_engine();
  CHECK(results(sink.kept.text()) == results(built_in));
  CHECK(results(built_in).size() > 1000);
  CHECK(transcript(stats, sink.kept) != built_in);
  CHECK(broken.empty());
  CHECK(hits > 0);
  CHECK(misses > 0);
  CHECK(hits + misses == reads.size());
  CHECK(most > 1);
  CHECK(most <= 12);
  std::uint64_t bytes = 0;
  for (const LineRead& read : reads) {
    bytes += read.bytes;
    CHECK(read.address / 64 == (read.address + read.bytes - 1) / 64);
  }
  CHECK(bytes == stats.counts.dram_value_bytes + stats.counts.dram_key_bytes);
}

namespace {

// Asks a TLM memory alone, at cycle 5.
struct Asker final : Module, MemoryAnswerIf {
  Asker(Clock& clock, Memory& memory_, std::vector<MemoryRequest> requests_)
      : Module("asker", clock), memory(memory_), requests(std::move(requests_)) {
    memory.answers(*this);
  }
  std::string state() const override { return name(); }
  void step() override {
    if (now() < 5) return wake_at(5);
    for (const MemoryRequest& request : requests) memory.request(request);
    requests.clear();
  }
  void answer(std::uint32_t core, MemoryTraffic, std::uint64_t tag, const sc_core::sc_time& at) override {
    answered.emplace_back(core, tag);
    times.push_back(at);
  }
  Memory& memory;
  std::vector<MemoryRequest> requests;
  std::vector<std::pair<std::uint32_t, std::uint64_t>> answered;
  std::vector<sc_core::sc_time> times;
};

}  // namespace

TEST_CASE("a request is cut into lines, leaves at the next clock edge and is complete with its last line") {
  Clock clock(1.0);
  const Config config;
  Outside<ChannelTarget> memory({config, ns(1)}, {}, ns(20), ns(0.5));
  Asker asker(clock, memory, {{0, MemoryTraffic::values, 7, {{60, 80}, {256, 8}}}});
  sc_core::sc_start();
  CHECK(memory.target.reads == std::vector<LineRead>{{60, 4}, {64, 64}, {128, 12}, {256, 8}});
  CHECK(memory.transactions() == 4);
  CHECK(asker.times == std::vector<sc_core::sc_time>{ns(6 + 88 * 0.5 + 20)});
  CHECK(memory.target.broken.empty());
}

TEST_CASE("a memory of whole lines reads each line of a request once, from its beginning") {
  Clock clock(1.0);
  const Config config;
  TlmMemoryOptions options;
  options.whole_lines = true;
  Outside<ChannelTarget> memory({config, ns(1)}, options, ns(20), ns(0.5));
  Asker asker(clock, memory, {{0, MemoryTraffic::values, 7, {{60, 80}, {256, 8}}}});
  sc_core::sc_start();
  CHECK(memory.target.reads == std::vector<LineRead>{{0, 64}, {64, 64}, {128, 64}, {256, 64}});
  CHECK(asker.times == std::vector<sc_core::sc_time>{ns(6 + 4 * 64 * 0.5 + 20)});
}

TEST_CASE("the requests of a cycle leave by core, keys before values") {
  Clock clock(1.0);
  const Config config;
  Outside<ChannelTarget> memory({config, ns(1)}, {}, ns(20), ns(0.5));
  Asker asker(clock, memory,
              {{1, MemoryTraffic::keys, 1, {{0, 8}}},
               {0, MemoryTraffic::values, 2, {{64, 8}}},
               {0, MemoryTraffic::keys, 3, {{128, 8}}}});
  sc_core::sc_start();
  CHECK(asker.answered == std::vector<std::pair<std::uint32_t, std::uint64_t>>{{0, 3}, {0, 2}, {1, 1}});
}

TEST_CASE("open rows are hits, banks answer out of order, and a full bank holds the requests behind it") {
  Clock clock(1.0);
  const Config config;
  Outside<BankedTarget> memory({config, ns(1)}, {}, ns(4), ns(45));
  constexpr std::uint64_t other_row = BankedTarget::banks * BankedTarget::row_bytes;
  // Bank 0: a miss, a hit and another row; bank 1: a miss that overtakes the third.
  Asker asker(clock, memory,
              {{0, MemoryTraffic::keys, 0, {{0, 64}}},
               {0, MemoryTraffic::keys, 1, {{64, 64}}},
               {0, MemoryTraffic::keys, 2, {{other_row, 64}}},
               {0, MemoryTraffic::keys, 3, {{BankedTarget::row_bytes, 64}}}});
  sc_core::sc_start();
  REQUIRE(asker.answered.size() == 4);
  CHECK(asker.answered[3].second == 2);
  CHECK(asker.times[3] == ns(6 + 45 + 4 + 45));
  CHECK(memory.target.hits == 1);
  CHECK(memory.target.broken.empty());
}

TEST_CASE("no more transactions are under way than the option says, and all are answered in the end") {
  Clock clock(1.0);
  const Config config;
  Outside<BankedTarget> memory({config, ns(1)}, {32, 3}, ns(4), ns(45));
  Asker asker(clock, memory, {{0, MemoryTraffic::keys, 0, {{0, 4000}}}, {1, MemoryTraffic::values, 1, {{9000, 500}}}});
  sc_core::sc_start();
  CHECK(asker.answered.size() == 2);
  CHECK(memory.target.most_under_way == 3);
  CHECK(memory.target.reads.size() == 125 + 16);  // the second request begins and ends amid a line
  CHECK(memory.target.broken.empty());
}

TEST_CASE("a memory that answers with an error ends the run and says where") {
  const Case c({1, 1, 1, 2, 64, 64, 8});
  SystemcOptions options;
  options.memory = [](const MemorySetting& setting) {
    auto memory = std::make_unique<Outside<ChannelTarget>>(setting, TlmMemoryOptions{}, ns(20), ns(0.5));
    memory->target.status = tlm::TLM_ADDRESS_ERROR_RESPONSE;
    return memory;
  };
  TranscriptSink sink(2);
  CHECK_THROWS_WITH(c.run(sink, options), ContainsSubstring("memory: the memory answered a read of 64 bytes at address "
                                                            "0x0 with TLM_ADDRESS_ERROR_RESPONSE"));
}

namespace {

// Refreshes for ever and never answers.
struct Silent final : Memory {
  Silent() : Memory("silent") {
    SC_HAS_PROCESS(Silent);
    SC_METHOD(refresh);
  }
  void refresh() { next_trigger(sc_core::sc_time(10, sc_core::SC_US)); }
  void request(const MemoryRequest&) override {}
};

}  // namespace

TEST_CASE("a memory that never answers but never rests is no progress") {
  const Case c({1, 1, 1, 2, 64, 64, 8});
  SystemcOptions options;
  options.memory = [](const MemorySetting&) { return std::make_unique<Silent>(); };
  TranscriptSink sink(2);
  CHECK_THROWS_WITH(c.run(sink, options), ContainsSubstring("no progress at cycle 0: 0 of 4 head-queries") &&
                                              ContainsSubstring("silent: a memory from outside"));
}

TEST_CASE("options of the TLM memory that make no sense are refused, all at once") {
  const Config config;
  try {
    TlmMemory memory("memory", {config, ns(1)}, {48, 0});
    FAIL("nothing was thrown");
  } catch (const InputError& error) {
    CHECK(error.problems().size() == 2);
  }
}
