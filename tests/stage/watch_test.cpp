// The timeline and the waveform of a whole machine, for people who look into a run.
// SPDX-License-Identifier: Apache-2.0
#include "engines/systemc/watch.h"

#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "engines/systemc/engine.h"
#include "engines/systemc/timeline.h"
#include "engines/systemc/waveform.h"
#include "support/catch.h"
#include "support/collecting_sink.h"
#include "support/random_trace.h"
#include "support/raw_safetensors.h"

using namespace capcam;
using namespace capcam::systemc;
using namespace capcam::testing;

namespace {

struct Watched {
  explicit Watched(const std::function<void(Config&)>& change) {
    Config config;
    change(config);
    const Trace trace = random_trace({1, 2, 2, 5, 70, 64, 8});
    const Workload workload(trace, config);
    SystemcOptions options;
    options.vcd = folder / "waves.vcd";
    options.timeline = folder / "timeline.json";
    stats = simulate_systemc(workload, config, map_onto(trace.shape, config), sink, options);
  }
  TemporaryFolder folder;
  CollectingSink sink;
  RunStats stats;
};

void two_slow_arrays(Config& config) {
  config.array.count = 2;
  config.sensing.conversion_cycles = 7;
  config.memory.value_source = ValueSource::dram_prefetch;
  config.memory.latency_cycles = 40;
}

using CyclesOf = std::map<std::string, std::uint64_t>;
void add_up(const nlohmann::json& timeline, CyclesOf& busy, CyclesOf& blocked) {
  std::map<std::pair<int, int>, std::string> stage_of;
  for (const auto& event : timeline.at("traceEvents")) {
    if (event.at("ph") == "M" && event.at("name") == "thread_name") {
      const std::string track = event.at("args").at("name");
      stage_of[{event.at("pid"), event.at("tid")}] = track.substr(track.rfind('.') + 1);
    }
    if (event.at("ph") != "X") continue;
    CyclesOf& sum = event.at("name") == "blocked" ? blocked : busy;
    sum[stage_of.at({event.at("pid"), event.at("tid")})] += event.at("args").at("cycles").get<std::uint64_t>();
  }
}

}  // namespace

TEST_CASE("the timeline's slices add up to every stage's busy and blocked cycles") {
  const Watched run(two_slow_arrays);
  CyclesOf busy, blocked;
  add_up(nlohmann::json::parse(read_bytes(run.folder / "timeline.json")), busy, blocked);
  for (const StageCycles& stage : run.stats.stages) {
    INFO(stage.name);
    CHECK(busy[stage.name] == stage.busy);
    CHECK(blocked[stage.name] == stage.blocked);
  }
}

TEST_CASE("the waveform is a VCD file: declared signals only, time never runs backwards") {
  const Watched run(two_slow_arrays);
  std::istringstream lines(read_bytes(run.folder / "waves.vcd"));
  std::map<std::string, int> width_of;
  std::vector<std::string> scopes, names;
  bool declared = false;
  std::int64_t time = -1;
  std::size_t changes = 0;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string first, kind, width, code, name;
    words >> first;
    if (first == "$scope") {
      words >> kind >> name;
      scopes.push_back(name);
    } else if (first == "$upscope") {
      REQUIRE_FALSE(scopes.empty());
      scopes.pop_back();
    } else if (first == "$var") {
      words >> kind >> width >> code >> name;
      std::string path;
      for (const std::string& scope : scopes) path += scope + ".";
      names.push_back(path + name);
      CHECK(width_of.emplace(code, std::stoi(width)).second);
    } else if (first == "$enddefinitions") {
      declared = true;
      CHECK(scopes.empty());
    } else if (first.starts_with("#")) {
      CHECK(std::stoll(first.substr(1)) > time);
      time = std::stoll(first.substr(1));
    } else if (first.starts_with("b")) {
      words >> code;
      REQUIRE(declared);
      REQUIRE(width_of.count(code) == 1);
      CHECK(first.size() - 1 <= static_cast<std::size_t>(width_of[code]));
      ++changes;
    }
  }
  CHECK(changes > 100);
  const auto declares = [&](const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  for (const StageCycles& stage : run.stats.stages) {
    INFO(stage.name);
    CHECK((declares("core0." + stage.name + ".state") || declares("core0.array1." + stage.name + ".state")));
  }
  for (const char* name : {"core0.association.state", "core0.array0.cam_array.query", "core0.array1.sensing.tile",
                           "core0.array0.cam_array.matches_fill"}) {
    INFO(name);
    CHECK(declares(name));
  }
}

TEST_CASE("a timeline of too many slices says where it was cut, and is still JSON") {
  const TemporaryFolder folder;
  Timeline timeline(1'000'000);
  const std::uint32_t track = timeline.add(0, "association");
  for (Cycle at = 0; at < static_cast<Cycle>(Timeline::limit) + 10; ++at)
    timeline.slice(track, UnitState::busy, 2 * at, 2 * at + 1, {});
  const auto cut = timeline.write(folder / "cut.json", 2 * (Timeline::limit + 10));
  REQUIRE(cut);
  CHECK(*cut == 2 * Timeline::limit);
  CHECK(nlohmann::json::accept(read_bytes(folder / "cut.json")));
}

TEST_CASE("a waveform of too many changes says where it was cut, and has everything before, told late or not") {
  const TemporaryFolder folder;
  Waveform waveform(1'000'000);
  const std::uint32_t often = waveform.add("core0.often", 32), late = waveform.add("core0.late", 8);
  for (Cycle at = 1; at < static_cast<Cycle>(Waveform::limit) + 100; ++at)
    waveform.change(often, at, static_cast<std::uint64_t>(at & 1));
  waveform.change(late, 4, 7);
  const auto cut = waveform.write(folder / "cut.vcd", Waveform::limit + 100);
  REQUIRE(cut);
  CHECK(*cut == Waveform::limit + 1);
  const std::string text = read_bytes(folder / "cut.vcd");
  CHECK_THAT(text, ContainsSubstring("#4000000\n"));
  CHECK_THAT(text, ContainsSubstring("b111 \""));
}

TEST_CASE("a run too long for its timeline and waveform says so, names the files and keeps the results") {
  Config config;
  const Trace trace = random_trace({1, 1, 1, 110'000, 1, 1, 1});
  const Workload workload(trace, config);
  const TemporaryFolder folder;
  CollectingSink sink;
  SystemcOptions options;
  options.vcd = folder / "waves.vcd";
  options.timeline = folder / "timeline.json";
  const RunStats stats = simulate_systemc(workload, config, map_onto(trace.shape, config), sink, options);
  CHECK(sink.taken == 110'000);
  for (const std::string& warning : stats.warnings) UNSCOPED_INFO(warning);
  REQUIRE(stats.warnings.size() == 2);
  CHECK_THAT(stats.warnings[0], ContainsSubstring("waves.vcd ends at cycle"));
  CHECK_THAT(stats.warnings[1], ContainsSubstring("timeline.json ends at cycle"));
  CHECK(nlohmann::json::accept(read_bytes(folder / "timeline.json")));
}
