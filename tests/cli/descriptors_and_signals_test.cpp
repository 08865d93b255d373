// SPDX-License-Identifier: Apache-2.0
// Streams that are closed or full, limits, and signals: no result is lost for them, none is spoilt, and nobody dies
// mute.
#include <sys/resource.h>

#include <chrono>
#include <thread>

#include "cli/refusal.h"
#include "support/sweep_files.h"

namespace capcam::testing {
namespace {

using namespace std::chrono_literals;

// The command in a shell, with what is behind it: redirections.
Ended in_shell(const std::string& before, const std::vector<std::string>& arguments, const std::string& behind) {
  std::vector<std::string> command{"/bin/sh", "-c", before + " exec \"$0\" \"$@\" " + behind};
  const std::vector<std::string> capcam = capcam_command(arguments);
  command.insert(command.end(), capcam.begin(), capcam.end());
  return Program(command).wait();
}

// Waits for an unfinished file in a folder.
bool begins_within_30_s(const std::filesystem::path& folder) {
  for (int i = 0; i < 3000; ++i, std::this_thread::sleep_for(10ms)) {
    for (const std::string& name : files_in(folder)) {
      if (name.find(".part-") != std::string::npos) return true;
    }
  }
  return false;
}

}  // namespace

TEST_CASE("with standard descriptors closed, outputs hold what they hold otherwise") {
  const Bench bench;
  REQUIRE(run_capcam(bench.run_with({"--save-output"})).status == 0);
  const std::string outputs = read_bytes(bench.out + "/outputs.safetensors");
  for (const std::string closed : {"<&-", "2>&-", "<&- 2>&-"}) {
    std::filesystem::remove_all(bench.out);
    const Ended ended = in_shell("", bench.run_with({"--save-output", "--dram-trace", bench.folder / "dram"}), closed);
    INFO(closed);
    CHECK(ended.status == 0);
    CHECK(read_bytes(bench.out + "/outputs.safetensors") == outputs);
    CHECK(read_bytes(bench.folder / "dram").starts_with("LD 0x"));
  }
  const Ended mute = in_shell("", bench.run_with({}), ">&-");
  CHECK(mute.status == 2);
  CHECK_THAT(mute.err, ContainsSubstring("cannot write to standard output: Bad file descriptor"));
}

TEST_CASE("messages that cannot be written stop neither a run nor a sweep") {
  const Bench bench;
  const SweepFiles files;
  CHECK(in_shell("", bench.run_with({}), "2>/dev/full").status == 0);
  CHECK(files_in(bench.out) == std::vector<std::string>{"heads.csv", "report.json", "scores.csv"});
  CHECK(in_shell("", {"sweep", files.sweep(""), "--out", files.folder / "out"}, "2>/dev/full").status == 0);
}

TEST_CASE("a report that cannot be printed is an error with the system's reason, whatever the command") {
  const SweepFiles files;
  const std::string out = files.folder / "out";
  REQUIRE(run_capcam({"sweep", files.sweep(""), "--out", out}).status == 0);
  const std::vector<std::vector<std::string>> commands = {
      {"export", out}, {"--help"}, {"--version"}, {"explain"}, {"check", "camformer"}, {"trace", "info", files.trace}};
  for (const std::vector<std::string>& command : commands) {
    const Ended ended = in_shell("", command, ">/dev/full");
    INFO(command.front());
    CHECK(ended.status == 2);
    CHECK_THAT(ended.err, ContainsSubstring("cannot write to standard output: No space left on device"));
  }
}

TEST_CASE("a pipe that nobody reads is an error, not a silent end") {
  const Ended told =
      Program({"/bin/sh", "-c", "{ sleep 0.2; \"$0\" explain; echo \"status $?\" >&2; } | true", capcam_binary()})
          .wait();
  CHECK_THAT(told.err,
             ContainsSubstring("cannot write to standard output: Broken pipe") && ContainsSubstring("status 2"));
}

TEST_CASE("a limit on file sizes is said, and leaves no partial file") {
  const SweepFiles files;
  const std::string trace = files.folder / "large.safetensors";
  const Ended synth = in_shell("ulimit -f 40;", {"trace", "synth", trace, "--keys", "4096"}, "");
  CHECK(synth.status == 2);
  CHECK_THAT(synth.err, ContainsSubstring("cannot be written") && ContainsSubstring("File too large"));
  const Ended sweep = in_shell(
      "ulimit -f 20;",
      {"sweep", files.sweep("[grid]\n'array.rows' = {from = 4, to = 64, step = 4}\n"), "--out", files.folder / "out"},
      "");
  CHECK(sweep.status == 2);
  CHECK_THAT(sweep.err, ContainsSubstring("a limit on file sizes"));
  for (const std::string& name : files_in(files.folder.path())) CHECK(name.find(".part") == std::string::npos);
}

TEST_CASE("a command that a signal ends says so and leaves no partial file") {
  for (const int signal : {SIGHUP, SIGINT, SIGTERM}) {
    const TemporaryFolder folder;
    Program program(capcam_command({"trace", "synth", folder / "t.safetensors", "--heads", "64", "--queries", "65536",
                                    "--keys", "65536", "--head-dim", "64"}));
    REQUIRE(begins_within_30_s(folder.path()));
    program.send(signal);
    const Ended ended = program.wait();
    INFO(signal);
    CHECK(ended.status == 130);
    CHECK_THAT(ended.err, ContainsSubstring("interrupted"));
    CHECK(files_in(folder.path()).empty());
  }
}

TEST_CASE("a hangup that the caller ignores is ignored") {
  const TemporaryFolder folder;
  Program program({"/bin/sh", "-c", "trap '' HUP; exec \"$0\" trace synth \"$1\" --heads 8 --queries 4096 --keys 4096",
                   capcam_binary(), folder / "t.safetensors"});
  REQUIRE(begins_within_30_s(folder.path()));
  program.send(SIGHUP);
  CHECK(program.wait().status == 0);
  CHECK(files_in(folder.path()) == std::vector<std::string>{"t.safetensors"});
}

TEST_CASE("without leave to make threads a command works with fewer, or says why it cannot") {
  if (fault_library().empty()) {
    WARN("skipped: a sanitizer's shadow memory alone is above the limit");
    return;
  }
  const Bench bench;
  const Ended few = in_shell("ulimit -v 400000;", bench.run_with({"--engine", "fast", "--threads", "64"}), "");
  INFO(few.err);
  CHECK((few.status == 0 || few.status == 2));
  CHECK_THAT(few.out + few.err, !ContainsSubstring("uncaught") && !ContainsSubstring("E549"));
}

}  // namespace capcam::testing
