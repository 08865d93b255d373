// SPDX-License-Identifier: Apache-2.0
// A sweep survives kill -9, Ctrl-C, a second sweep, a folder that may not be written, a full disk.
#include <fmt/format.h>
#include <sys/mount.h>

#include <chrono>
#include <map>
#include <random>
#include <thread>
#include <tuple>

#include "cli/refusal.h"
#include "studies/sweep/store/store.h"
#include "support/sweep_files.h"

namespace capcam::testing {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// A sweep of 240 points that take a millisecond or so each.
const std::string many =
    "[grid]\n'array.rows' = {from = 4, to = 32, step = 4}\n'array.count' = [1, 2, 3, 4, 5]\n'value.lanes' = [1, 2, 3, "
    "4, 6, 8]\n";
constexpr std::size_t points_of_many = 240;

std::vector<std::string> sweep_command(const std::string& sweep, const std::string& out) {
  return capcam_command({"sweep", sweep, "--out", out, "--jobs", "2"});
}

// A finished point, with the time when it was finished.
using Rows = std::map<std::string, std::tuple<std::string, double>>;

Rows rows_of(const std::string& out) {
  Rows rows;
  if (!std::filesystem::exists(out + "/results.sqlite")) return rows;
  try {
    ResultStore store(out, ResultStore::Access::read);
    Statement statement(store.database(), "SELECT key, report, seconds FROM results WHERE status = 'done'");
    while (statement.step()) rows[statement.text(0)] = {statement.text(1), statement.real(2)};
  } catch (const InputError&) {  // killed before there were tables
  }
  return rows;
}

void check_kept(const Rows& before, const Rows& after) {
  for (const auto& [key, row] : before) {
    const auto found = after.find(key);
    REQUIRE(found != after.end());
    REQUIRE(found->second == row);  // was not done again
  }
}

// Checks that every point is there once and equals that of an undisturbed sweep.
void check_whole(const std::string& out, const Rows& undisturbed) {
  const Rows rows = rows_of(out);
  REQUIRE(rows.size() == points_of_many);
  for (const auto& [key, row] : rows) REQUIRE(std::get<0>(undisturbed.at(key)) == std::get<0>(row));
  ResultStore store(out, ResultStore::Access::read);
  CHECK(store.database().integer("SELECT count(*) FROM results") == points_of_many);
  CHECK(store.database().integer("SELECT count(*) FROM points JOIN results USING (key)") == points_of_many);
  CHECK(store.database().integer("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'") == 1);
}

// A tmpfs that goes away; `mounted` is false where that is not allowed.
struct SmallDisk {
  SmallDisk(const std::filesystem::path& where, const std::string& options, unsigned long flags = 0) : path(where) {
    std::filesystem::create_directories(path);
    mounted = ::mount("tmpfs", path.c_str(), "tmpfs", flags, options.c_str()) == 0;
  }
  ~SmallDisk() {
    if (mounted) ::umount2(path.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  std::filesystem::path path;
  bool mounted = false;
};

}  // namespace

TEST_CASE("a sweep that is killed at fifty random moments has every point once, as an undisturbed one") {
  const SweepFiles files;
  const std::string sweep = files.sweep(many), undisturbed_out = files.folder / "undisturbed";
  const auto begin = Clock::now();
  REQUIRE(Program(sweep_command(sweep, undisturbed_out)).wait().status == 0);
  const auto whole = std::chrono::duration<double>(Clock::now() - begin);
  const Rows undisturbed = rows_of(undisturbed_out);
  REQUIRE(undisturbed.size() == points_of_many);

  std::mt19937 engine(20);
  std::uniform_real_distribution<double> moment(0.0, 1.2);
  int kills = 0, finished = 0;
  std::string out = files.folder / "killed-0";
  Rows before;
  while (kills < 50) {
    Program program(sweep_command(sweep, out));
    std::this_thread::sleep_for(whole * moment(engine));
    program.send(SIGKILL);
    const Ended ended = program.wait();
    INFO(ended.err);
    const Rows after = rows_of(out);
    check_kept(before, after);
    before = after;
    if (ended.status == 128 + SIGKILL) {
      ++kills;
      continue;
    }
    REQUIRE(ended.status == 0);
    check_whole(out, undisturbed);
    out = files.folder / fmt::format("killed-{}", ++finished);
    before.clear();
  }
  REQUIRE(Program(sweep_command(sweep, out)).wait().status == 0);
  check_whole(out, undisturbed);
}

TEST_CASE("Ctrl-C ends a sweep with 130, keeps what is finished, and the next run goes on") {
  const SweepFiles files;
  SyntheticSpec spec;  // some seconds of work
  spec.heads = spec.kv_heads = 4;
  spec.queries = 256;
  spec.keys = 512;
  spec.head_dim = spec.value_dim = 32;
  write_synthetic(spec, files.trace);
  const std::string sweep = files.sweep(many), out = files.folder / "out";
  for (const std::string engine : {"fast", "systemc"}) {
    const std::string path = files.sweep(fmt::format("engine = '{}'\n", engine) + many);
    Rows before = rows_of(out);
    Program program(sweep_command(path, out));
    for (int i = 0; i < 3000 && rows_of(out).size() <= before.size(); ++i) std::this_thread::sleep_for(10ms);
    program.send(SIGINT);
    const Ended ended = program.wait();
    INFO(ended.err);
    CHECK(ended.status == 130);
    CHECK_THAT(ended.err, ContainsSubstring("what was finished is kept"));
    const Rows after = rows_of(out);
    CHECK(after.size() > before.size());
    CHECK(after.size() < points_of_many);
    check_kept(before, after);
  }
}

TEST_CASE("a second sweep on a folder at work is turned away and disturbs nothing") {
  const SweepFiles files;
  const std::string out = files.folder / "out";
  ResultStore store(out, ResultStore::Access::write);
  check_refused({"sweep", files.sweep(many), "--out", out}, {"another sweep is at work in .*process [0-9]+ on"});
  CHECK(store.points().empty());
}

TEST_CASE("a folder that may not be written is named; its results can still be exported") {
  const SweepFiles files;
  SmallDisk disk(files.folder / "disk", "size=4m");
  if (!disk.mounted) {
    WARN("skipped: this user may not mount");
    return;
  }
  const std::string out = disk.path / "out";
  REQUIRE(run_capcam({"sweep", files.sweep(""), "--out", out}).status == 0);
  REQUIRE(::mount("tmpfs", disk.path.c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, "size=4m") == 0);
  check_refused({"sweep", files.sweep(many), "--out", out}, {"cannot write into .*out: Read-only file system"});
  check_refused({"sweep", files.sweep(many), "--out", disk.path / "new"},
                {"cannot make the folder .*Read-only file system"});
  const Ended exported = run_capcam({"export", out});
  INFO(exported.err);
  CHECK(exported.status == 0);
  CHECK_THAT(exported.out, ContainsSubstring("energy_pj.total"));
}

TEST_CASE("a full disk ends a sweep with 2 and what it means; with room the same command goes on") {
  const SweepFiles files;
  SmallDisk disk(files.folder / "disk", "size=1m");
  if (!disk.mounted) {
    WARN("skipped: this user may not mount");
    return;
  }
  const std::string out = disk.path / "out", sweep = files.sweep(many);
  const Ended full = run_capcam({"sweep", sweep, "--out", out});
  CHECK(full.status == 2);
  CHECK_THAT(full.err, ContainsSubstring("results.sqlite: the disk is full") ||
                           ContainsSubstring("results.sqlite: the file cannot be written"));
  CHECK_THAT(full.err, ContainsSubstring("run the same command again"));
  const Rows before = rows_of(out);
  CHECK(before.size() > 0);
  CHECK(before.size() < points_of_many);
  REQUIRE(::mount("tmpfs", disk.path.c_str(), "tmpfs", MS_REMOUNT, "size=64m") == 0);
  const Ended again = run_capcam({"sweep", sweep, "--out", out});
  INFO(again.err);
  CHECK(again.status == 0);
  check_kept(before, rows_of(out));
  CHECK(rows_of(out).size() == points_of_many);
}

}  // namespace capcam::testing
