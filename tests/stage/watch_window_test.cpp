// What waveforms and timelines say of themselves, and a window of them.
// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "engines/systemc/timeline.h"
#include "engines/systemc/waveform.h"
#include "support/catch.h"
#include "support/raw_safetensors.h"

using namespace capcam;
using namespace capcam::systemc;
using namespace capcam::testing;

namespace {

std::string written(Waveform& waveform, Cycle end) {
  const TemporaryFolder folder;
  waveform.write(folder / "w.vcd", end);
  return read_bytes(folder / "w.vcd");
}

}  // namespace

TEST_CASE("a waveform's time scale is the coarsest that a cycle is a whole number of") {
  const auto scale = [](std::uint64_t period_fs, const std::string& expected, const std::string& stamp) {
    Waveform waveform(period_fs);
    waveform.change(waveform.add("core0.state", 2), 3, 1);
    const std::string text = written(waveform, 5);
    CHECK_THAT(text, ContainsSubstring("$timescale " + expected + " $end") && ContainsSubstring("\n#" + stamp + "\n"));
  };
  scale(1'000'000, "1 ns", "3");     // 1 GHz
  scale(5'000'000, "1 ns", "15");    // 0.2 GHz
  scale(400'000, "100 ps", "12");    // 2.5 GHz
  scale(333'333, "1 fs", "999999");  // 3 GHz, as near as it gets
  scale(100'000'000, "100 ns", "3");
}

TEST_CASE("a waveform says what its states mean") {
  Waveform waveform(1'000'000);
  waveform.add("core0.state", 2);
  CHECK_THAT(written(waveform, 1), ContainsSubstring("state: 0 starved, 1 busy, 2 blocked"));
}

TEST_CASE("a window of a waveform begins with what every signal is then, and has nothing from outside") {
  Waveform waveform(1'000'000);
  waveform.window(10, 20);
  const std::uint32_t a = waveform.add("core0.a", 8), b = waveform.add("core0.b", 8);
  waveform.change(a, 3, 5);
  waveform.change(a, 2, 9);  // told late, happened earlier
  waveform.change(b, 12, 6);
  waveform.change(b, 21, 7);
  const std::string text = written(waveform, 100);
  CHECK_THAT(text, ContainsSubstring("#10\n$dumpvars\nb101 !\nb0 \"\n$end\n#12\nb110 \"\n#20\n"));
  CHECK_THAT(text, !ContainsSubstring("b111"));
}

TEST_CASE("a timeline counts processes and threads from 1, and every event is of a track") {
  const TemporaryFolder folder;
  Timeline timeline(1'000'000);
  timeline.window(10, 19);
  const std::uint32_t first = timeline.add(0, "association"), second = timeline.add(1, "association");
  timeline.slice(first, UnitState::busy, 0, 5, {});
  timeline.slice(first, UnitState::busy, 8, 12, {.head = 1, .query = 2, .tile = 3});
  timeline.slice(second, UnitState::blocked, 18, 30, {});
  timeline.slice(second, UnitState::busy, 30, 31, {});
  timeline.write(folder / "t.json", 100);
  const auto json = nlohmann::json::parse(read_bytes(folder / "t.json"));
  std::vector<nlohmann::json> slices;
  for (const auto& event : json.at("traceEvents")) {
    CHECK(event.at("pid") >= 1);
    if (event.contains("tid")) CHECK(event.at("tid") >= 1);
    CHECK(event.at("name") != "end");
    if (event.at("ph") == "X") slices.push_back(event);
  }
  REQUIRE(slices.size() == 2);
  CHECK(slices[0].at("name") == "q2 t3");
  CHECK(slices[0].at("args").at("cycle") == 10);
  CHECK(slices[0].at("args").at("cycles") == 2);
  CHECK(slices[1].at("pid") == 2);
  CHECK(slices[1].at("args").at("cycles") == 2);
  CHECK(json.at("otherData").at("end_cycle") == 100);
}
