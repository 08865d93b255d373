// SPDX-License-Identifier: Apache-2.0
#include "outputs/dram_trace.h"

#include <algorithm>
#include <sstream>

#include "capcam/error.h"
#include "engines/fast/engine.h"
#include "support/catch.h"
#include "support/collecting_sink.h"
#include "support/program.h"
#include "support/random_machine.h"

namespace capcam {
namespace {

using namespace testing;

class Collected final : public OrderedDramLog {
 public:
  std::vector<DramRequest> requests;

 private:
  void take(const DramRequest& request) override { requests.push_back(request); }
};

struct Line {
  std::uint64_t cycle, bytes, address;
};

std::vector<Line> lines_of(const std::string& text) {
  std::vector<Line> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    Line read{};
    REQUIRE(std::sscanf(line.c_str(), "%lu: (%lu) read 0x%lx", &read.cycle, &read.bytes, &read.address) == 3);
    lines.push_back(read);
  }
  return lines;
}

}  // namespace

TEST_CASE("logged requests are as many, and as many bytes, as the run counts, in order of time") {
  for (std::uint32_t seed = 1; seed <= 200; ++seed) {
    INFO(seed);
    const RandomMachine machine = random_machine(seed);
    const Workload workload(machine.trace, machine.config);
    const Mapping mapping = map_onto(machine.trace.shape, machine.config);
    Collected log;
    const RunStats stats = time_fast(
        workload, machine.config, mapping, [] { return false; }, &log);
    log.flush();
    std::uint64_t bursts = 0, value_bytes = 0, key_bytes = 0, last = 0;
    for (const DramRequest& request : log.requests) {
      const bool values = request.what == DramRequest::What::values;
      const bool head_values = request.what == DramRequest::What::head_values;
      const std::uint64_t element = machine.config.value.format == NumberFormat::bf16 ? 2 : 4;
      const std::uint64_t row_bytes = machine.trace.shape.value_dim * element;
      bursts += values ? 1 : head_values ? request.bytes / row_bytes : 0;
      (values || head_values ? value_bytes : key_bytes) += request.bytes;
      CHECK(request.cycle >= last);
      last = request.cycle;
      if (values) {
        CHECK(request.bytes == request.keys.size() * row_bytes);
        const ValidKeys valid = workload.valid_keys(workload.id(request.head))(request.query);
        CHECK(std::all_of(request.keys.begin(), request.keys.end(), [&](std::uint32_t key) { return valid(key); }));
      }
    }
    CHECK(bursts == stats.counts.dram_access);
    CHECK(value_bytes == stats.counts.dram_value_bytes);
    CHECK(key_bytes == stats.counts.dram_key_bytes);
  }
}

TEST_CASE("a DRAMSys trace has every byte once, in pieces of a 64-byte line") {
  const TemporaryFolder folder;
  Config config;
  config.memory.key_load = HeadLoad::modelled;
  const Trace trace = random_trace({1, 4, 2, 3, 100, 64, 40});  // rows of 80 bytes: two lines
  const Workload workload(trace, config);
  const Mapping mapping = map_onto(trace.shape, config);
  const MemoryLayout layout(workload, config, mapping);
  RunStats stats;
  std::vector<Line> lines;
  {
    DramTrace out(folder / "t.stl", DramFormat::dramsys, layout);
    stats = time_fast(
        workload, config, mapping, [] { return false; }, &out);
    CHECK_FALSE(std::filesystem::exists(folder / "t.stl"));  // not before it is whole
    out.finish();
    lines = lines_of(read_bytes(folder / "t.stl"));
  }
  std::uint64_t bytes = 0, last = 0;
  for (const Line& line : lines) {
    bytes += line.bytes;
    CHECK(line.cycle >= last);
    last = line.cycle;
    CHECK(line.bytes <= 64);
    CHECK(line.address / 64 == (line.address + line.bytes - 1) / 64);
  }
  CHECK(bytes == stats.counts.dram_value_bytes + stats.counts.dram_key_bytes);
  // The first head's keys come first: 100 keys of 64 bits from address 0.
  CHECK(lines[0].cycle == 0);
  CHECK(lines[0].address == 0);
  CHECK(lines[12].address == 12 * 64);
  CHECK(lines[12].bytes == 100 * 8 - 12 * 64);
  // Two regions of 7 tiles x 16 rows x 8 bytes, then, from the next page, values.
  CHECK(layout.keys_of_head(2) == 7 * 16 * 8);  // heads 0 and 1 share keys
  CHECK(layout.value_row(0, 0) == 4096);
  CHECK(layout.value_row(0, 3) == 4096 + 3 * 80);
  CHECK(layout.value_row(3, 0) == 4096 + 125 * 64);  // 100 rows of 80 bytes are 125 lines
}

TEST_CASE("a Ramulator trace has a line for each 64 bytes touched") {
  const TemporaryFolder folder;
  Config config;
  config.top_n.n = 1;
  config.top_n.tile_k = 0;
  const Trace trace = random_trace({1, 1, 1, 1, 4, 8, 40});  // one row of 80 bytes is kept
  const Workload workload(trace, config);
  const Mapping mapping = map_onto(trace.shape, config);
  DramTrace out(folder / "t.trace", DramFormat::ramulator, MemoryLayout(workload, config, mapping));
  time_fast(
      workload, config, mapping, [] { return false; }, &out);
  out.finish();
  const std::string text = read_bytes(folder / "t.trace");
  // The load of the keys (4 bytes from address 0), then the two lines of the row, in the second page.
  CHECK(std::count(text.begin(), text.end(), '\n') == 3);
  CHECK(text.substr(0, 14) == "LD 0x0\nLD 0x10");
}

TEST_CASE("a memory trace that is not finished leaves nothing behind") {
  const TemporaryFolder folder;
  const Config config;
  const Trace trace = random_trace({1, 1, 1, 1, 4, 8, 8});
  const Workload workload(trace, config);
  const Mapping mapping = map_onto(trace.shape, config);
  const std::filesystem::path inside = std::filesystem::path(folder / "t.trace").parent_path();
  { DramTrace out(folder / "t.trace", DramFormat::ramulator, MemoryLayout(workload, config, mapping)); }
  CHECK(files_in(inside).empty());
  CHECK_THROWS_AS(DramTrace(inside, DramFormat::ramulator, MemoryLayout(workload, config, mapping)), InputError);
}

}  // namespace capcam
