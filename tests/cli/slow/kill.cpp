// SPDX-License-Identifier: Apache-2.0
// A thousand kills, each at a random moment: of a sweep and of runs into one folder.
#include <fmt/format.h>

#include <chrono>
#include <random>
#include <thread>

#include "cli/refusal.h"
#include "studies/sweep/store/store.h"
#include "support/sweep_files.h"

namespace capcam::testing {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kills_of_each = 500;

// Kills the command at a random moment of its usual time. True if it was killed before its end.
bool killed(const std::vector<std::string>& command, std::chrono::duration<double> whole, std::mt19937& engine) {
  Program program(command);
  std::this_thread::sleep_for(whole * std::uniform_real_distribution<double>(0.0, 1.1)(engine));
  program.send(SIGKILL);
  const Ended ended = program.wait();
  INFO(ended.err);
  REQUIRE((ended.status == 0 || ended.status == 128 + SIGKILL));
  return ended.status != 0;
}

std::chrono::duration<double> time_of(const std::vector<std::string>& command) {
  const auto begin = Clock::now();
  REQUIRE(Program(command).wait().status == 0);
  return Clock::now() - begin;
}

}  // namespace

TEST_CASE("a sweep that is killed five hundred times holds every finished point whole, and each once in the end") {
  const SweepFiles files;
  const std::string sweep = files.sweep(
      "[grid]\n'array.rows' = {from = 4, to = 32, step = 4}\n'array.count' = [1, 2, 3, 4, 5]\n'value.lanes' = [1, "
      "2]\n");
  const auto command = [&](const std::string& out) {
    return capcam_command({"sweep", sweep, "--out", out, "--jobs", "2"});
  };
  const std::string undisturbed = files.folder / "undisturbed";
  const auto whole = time_of(command(undisturbed));
  const std::string expected = run_capcam({"export", undisturbed}).out;
  std::mt19937 engine(1);
  int kills = 0, folders = 0;
  std::string out = files.folder / "out-0";
  while (kills < kills_of_each) {
    if (killed(command(out), whole, engine)) {
      ++kills;
      continue;
    }
    REQUIRE(run_capcam({"export", out}).out == expected);
    out = files.folder / fmt::format("out-{}", ++folders);
  }
  REQUIRE(Program(command(out)).wait().status == 0);
  CHECK(run_capcam({"export", out}).out == expected);
  ResultStore(out, ResultStore::Access::read).check_sound();
}

TEST_CASE("runs into one folder that are killed five hundred times never leave files of two results") {
  const Bench bench;
  const auto command = [&](int n) {
    return capcam_command(bench.run_with({"--save-output", "--set", fmt::format("sensing.conversion_cycles={}", n)}));
  };
  std::vector<std::string> heads(3);  // heads.csv of each result
  for (int n = 1; n <= 2; ++n) {
    REQUIRE(Program(command(n)).wait().status == 0);
    heads[static_cast<std::size_t>(n)] = read_bytes(bench.out + "/heads.csv");
  }
  REQUIRE(heads[1] != heads[2]);
  const auto whole = time_of(command(1));
  std::mt19937 engine(2);
  for (int kills = 0; kills < kills_of_each;) {
    if (killed(command(1 + kills % 2), whole, engine)) ++kills;
    const std::string report = read_bytes(bench.out + "/report.json");
    if (report.empty()) continue;  // killed while names changed: there is no result
    const std::size_t n = report.find("\"conversion_cycles\": 1,") != std::string::npos ? 1 : 2;
    REQUIRE(read_bytes(bench.out + "/heads.csv") == heads[n]);
  }
}

}  // namespace capcam::testing
