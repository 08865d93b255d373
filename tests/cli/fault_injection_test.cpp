// SPDX-License-Identifier: Apache-2.0
// The n-th open, read, write, rename, fsync fails: a command says so and leaves what was there before, or does its
// work.
#include <fmt/format.h>

#include <map>

#include "cli/refusal.h"
#include "support/sweep_files.h"

namespace capcam::testing {
namespace {

using Contents = std::map<std::string, std::string>;

Contents contents_of(const std::filesystem::path& folder) {
  Contents contents;
  for (const std::string& name : files_in(folder)) contents[name] = read_bytes(folder / name);
  return contents;
}

Ended run_with_fault(const std::string& fault, const std::vector<std::string>& arguments) {
  std::vector<std::string> command{"/usr/bin/env", "LD_PRELOAD=" + fault_library(), "CAPCAM_FAULT=" + fault};
  const std::vector<std::string> capcam = capcam_command(arguments);
  command.insert(command.end(), capcam.begin(), capcam.end());
  return Program(command).wait();
}

bool can_inject() {
  if (!fault_library().empty()) return true;
  WARN("skipped: a build with sanitizers takes no preloaded library");
  return false;
}

// Two results for one folder.
struct TwoRuns {
  TwoRuns() {
    REQUIRE(run_capcam(old_arguments(folder / "first/out")).status == 0);
    REQUIRE(run_capcam(new_arguments(folder / "second/out")).status == 0);
    before = contents_of(folder / "first/out");
    after = contents_of(folder / "second/out");
    REQUIRE(before.size() == 4);
    REQUIRE(before != after);
  }
  std::vector<std::string> old_arguments(const std::string& out) const {
    return {"run", "camformer", "--trace", bench.trace, "--out", out, "--save-output"};
  }
  std::vector<std::string> new_arguments(const std::string& out) const {
    std::vector<std::string> arguments = old_arguments(out);
    arguments.insert(arguments.end(), {"--set", "top_n.n=1"});
    return arguments;
  }
  // A folder that holds the first result.
  std::string fresh(const std::string& name) const {
    const std::filesystem::path out = folder / name / "out";
    std::filesystem::create_directories(out.parent_path());
    std::filesystem::copy(folder / "first/out", out);
    return out;
  }

  Bench bench;
  TemporaryFolder folder;
  Contents before, after;
};

}  // namespace

TEST_CASE("whichever call fails, the files of a run are all new or all as they were, and nothing else is left") {
  if (!can_inject()) return;
  const TwoRuns runs;
  for (const std::string call : {"open", "write", "fsync", "rename"}) {
    for (const std::string error : {"EIO", "ENOSPC"}) {
      bool refused = false;
      for (int n = 1;; ++n) {
        const std::string out = runs.fresh(fmt::format("{}-{}-{}", call, error, n));
        const Ended ended = run_with_fault(fmt::format("{}:{}:{}:/out/", call, n, error), runs.new_arguments(out));
        INFO(call << " " << n << " " << error << "\n" << ended.err);
        const Contents now = contents_of(out);
        if (ended.status == 0) {
          CHECK(now == runs.after);
          CHECK(n < 40);
          break;  // there are fewer calls than n
        }
        refused = true;
        CHECK(ended.status == 2);
        CHECK(ended.out == "");
        CHECK_THAT(ended.err, ContainsSubstring(error == "EIO" ? "Input/output error" : "No space left on device"));
        REQUIRE(now == runs.before);
      }
      INFO(call);
      CHECK(refused);
    }
  }
}

TEST_CASE("a call that a signal interrupts is made again") {
  if (!can_inject()) return;
  const TwoRuns runs;
  for (const std::string call : {"open", "write", "fsync"}) {
    for (int n = 1; n <= 8; ++n) {
      const std::string out = runs.fresh(fmt::format("{}-{}", call, n));
      const Ended ended = run_with_fault(fmt::format("{}:{}:EINTR:/out/", call, n), runs.new_arguments(out));
      INFO(call << " " << n << "\n" << ended.err);
      CHECK(ended.status == 0);
      REQUIRE(contents_of(out) == runs.after);
    }
  }
}

TEST_CASE("a configuration and a table that cannot be read to their end are refused, not read in part") {
  if (!can_inject()) return;
  const TemporaryFolder folder;
  write_bytes(folder / "config.toml", "[array]\nrows = 8\n");
  const Ended config = run_with_fault("read:1:EIO:config.toml", {"check", folder / "config.toml"});
  CHECK(config.status == 2);
  CHECK_THAT(config.err, ContainsSubstring("config.toml: cannot be read: Input/output error"));
  const Ended again = run_with_fault("read:1:EINTR:config.toml", {"check", folder / "config.toml"});
  CHECK(again.status == 0);
  CHECK_THAT(again.out, ContainsSubstring("array.rows = 8 instead of 16"));
  write_bytes(folder / "table.csv", std::string(200'000, 'x'));
  const Ended table = run_with_fault("read:2:EIO:table.csv", {"trace", "import", folder / "table.csv", folder / "t"});
  CHECK(table.status == 2);
  CHECK_THAT(table.err, ContainsSubstring("Input/output error"));
}

TEST_CASE("whichever call on its files fails, a sweep says so, keeps what is done and goes on the next time") {
  if (!can_inject()) return;
  const SweepFiles files;
  const std::string sweep = files.sweep("[grid]\n'array.rows' = [4, 8, 16, 32]\n");
  const std::string undisturbed = files.folder / "undisturbed";
  REQUIRE(run_capcam({"sweep", sweep, "--out", undisturbed}).status == 0);
  const std::string expected = run_capcam({"export", undisturbed}).out;
  for (const std::string call : {"open", "read", "write", "fsync", "ftruncate"}) {
    for (const std::string error : {"EIO", "ENOSPC"}) {
      for (int n = 1; n <= 12; ++n) {
        const std::string out = files.folder / fmt::format("{}-{}-{}/out", call, error, n);
        std::filesystem::create_directories(std::filesystem::path(out).parent_path());
        const Ended ended = run_with_fault(fmt::format("{}:{}:{}:/out/", call, n, error),
                                           {"sweep", sweep, "--out", out, "--jobs", "1"});
        INFO(call << " " << n << " " << error << "\n" << ended.err);
        CHECK((ended.status == 0 || ended.status == 2));
        if (ended.status == 2) CHECK_THAT(ended.err, ContainsSubstring("error: "));
        const Ended again = run_capcam({"sweep", sweep, "--out", out});
        INFO(again.err);
        REQUIRE(again.status == 0);
        REQUIRE(run_capcam({"export", out}).out == expected);
      }
    }
  }
}

TEST_CASE("a file system without locks is said to be one, not another sweep") {
  if (!can_inject()) return;
  const SweepFiles files;
  const Ended ended =
      run_with_fault("flock:1:ENOLCK:sweep.lock", {"sweep", files.sweep(""), "--out", files.folder / "out"});
  CHECK(ended.status == 2);
  CHECK_THAT(ended.err, ContainsSubstring("cannot lock") && ContainsSubstring("No locks available") &&
                            !ContainsSubstring("another sweep"));
}

}  // namespace capcam::testing
