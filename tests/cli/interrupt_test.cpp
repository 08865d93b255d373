// SPDX-License-Identifier: Apache-2.0
// An interrupted run ends with 130 and leaves nothing half-written.
#include <chrono>
#include <thread>

#include "cli/refusal.h"

namespace capcam::testing {
namespace {

using namespace std::chrono_literals;

// The trace is long enough never to end by itself within the test.
std::string long_trace(const TemporaryFolder& folder) {
  const std::string path = folder / "long.safetensors";
  const Ended made = run_capcam({"trace", "synth", path, "--heads", "64", "--kv-heads", "1", "--queries", "4096",
                                 "--keys", "65536", "--head-dim", "32", "--dtype", "f16"});
  INFO(made.err);
  REQUIRE(made.status == 0);
  return path;
}

// Unfinished outputs, under another name than finished ones, appear when the simulation begins.
bool begins_within_30_s(const std::string& out) {
  for (int i = 0; i < 3000; ++i, std::this_thread::sleep_for(10ms)) {
    for (const std::string& name : files_in(out))
      if (name.starts_with("outputs.safetensors.")) return std::this_thread::sleep_for(100ms), true;
  }
  return false;
}

void check_interrupted(int signal, const std::string& engine) {
  const TemporaryFolder folder;
  const std::string trace = long_trace(folder), out = folder / "out";
  Program run(
      capcam_command({"run", "camformer", "--trace", trace, "--out", out, "--save-output", "--engine", engine}));
  REQUIRE(begins_within_30_s(out));
  run.send(signal);
  const Ended ended = run.wait();
  INFO(ended.err);
  CHECK(ended.status == 130);
  CHECK_THAT(ended.err, ContainsSubstring("interrupted"));
  CHECK(files_in(out) == std::vector<std::string>{});
}

}  // namespace

TEST_CASE("an interrupted run ends with 130 and leaves nothing half-written") {
  check_interrupted(SIGINT, "systemc");
  check_interrupted(SIGINT, "fast");
}

TEST_CASE("a terminated run ends with 130 and leaves nothing half-written") {
  check_interrupted(SIGTERM, "systemc");
  check_interrupted(SIGTERM, "fast");
}

TEST_CASE("an interrupted run prints nothing on stdout") {
  const TemporaryFolder folder;
  const std::string trace = long_trace(folder), out = folder / "out";
  const std::string engine = GENERATE("systemc", "fast");
  Program run(capcam_command(
      {"run", "camformer", "--trace", trace, "--out", out, "--save-output", "--json", "--engine", engine}));
  REQUIRE(begins_within_30_s(out));
  run.send(SIGINT);
  const Ended ended = run.wait();
  CHECK(ended.status == 130);
  CHECK(ended.out == "");
  CHECK_FALSE(std::filesystem::exists(out));  // the run made it, and it is empty
  CHECK(ended.out == "");
}

TEST_CASE("a result that is there survives an interrupted run") {
  const TemporaryFolder folder;
  const Bench bench;
  const std::string trace = long_trace(folder), out = bench.out;
  REQUIRE(run_capcam(bench.run_with({"--save-output"})).status == 0);
  const std::vector<std::string> names = files_in(out);
  std::vector<std::string> before;
  for (const std::string& name : names) before.push_back(read_bytes(out + "/" + name));

  Program run(capcam_command({"run", "camformer", "--trace", trace, "--out", out, "--save-output"}));
  REQUIRE(begins_within_30_s(out));
  run.send(SIGINT);
  CHECK(run.wait().status == 130);
  REQUIRE(files_in(out) == names);
  for (std::size_t i = 0; i < names.size(); ++i) CHECK(read_bytes(out + "/" + names[i]) == before[i]);
}

}  // namespace capcam::testing
