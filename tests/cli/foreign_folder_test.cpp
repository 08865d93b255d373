// SPDX-License-Identifier: Apache-2.0
// Folders and results from elsewhere: links in them lead nowhere, and what they hold is data, however it was made.
#include <fmt/format.h>

#include "cli/refusal.h"
#include "studies/sweep/store/store.h"
#include "support/sweep_files.h"

namespace capcam::testing {
namespace {

namespace fs = std::filesystem;

// A folder with the results of a small sweep, which a test spoils.
struct Spoilt {
  Spoilt() { REQUIRE(run_capcam({"sweep", sweep, "--out", out}).status == 0); }
  void with(const std::string& sql) const {
    Database(fs::path(out) / "results.sqlite", Database::Access::write).execute(sql);
  }
  SweepFiles files;
  const std::string out = files.folder / "out", sweep = files.sweep("[grid]\n'array.rows' = [8, 16]\n");
};

}  // namespace

TEST_CASE("a link in the place of a sweep's lock is not followed, and what it names stays as it is") {
  const SweepFiles files;
  const std::string victim = files.folder / "victim", sweep = files.sweep("");
  for (const bool symbolic : {true, false}) {
    write_bytes(victim, "precious");
    const fs::path out = files.folder / (symbolic ? "symbolic" : "hard");
    fs::create_directory(out);
    symbolic ? fs::create_symlink(victim, out / "sweep.lock") : fs::create_hard_link(victim, out / "sweep.lock");
    check_refused({"sweep", sweep, "--out", out}, {"sweep\\.lock: (a symbolic link|expected a regular file)"});
    CHECK(read_bytes(victim) == "precious");
  }
}

TEST_CASE("a link in the place of results.sqlite is neither written nor read") {
  const SweepFiles files;
  const std::string sweep = files.sweep(""), elsewhere = files.folder / "elsewhere";
  REQUIRE(run_capcam({"sweep", sweep, "--out", elsewhere}).status == 0);
  const std::string before = read_bytes(elsewhere + "/results.sqlite");
  const fs::path out = files.folder / "out", hard = files.folder / "hard";
  fs::create_directory(out);
  fs::create_directory(hard);
  fs::create_symlink(elsewhere + "/results.sqlite", out / "results.sqlite");
  fs::create_hard_link(elsewhere + "/results.sqlite", hard / "results.sqlite");
  check_refused({"sweep", sweep, "--out", out}, {"results\\.sqlite: a symbolic link"});
  check_refused({"export", out}, {"results\\.sqlite: a symbolic link"});
  check_refused({"sweep", sweep, "--out", hard}, {"results\\.sqlite: has another name too"});
  CHECK(read_bytes(elsewhere + "/results.sqlite") == before);
  // A link on the way to the folder is the user's own.
  fs::create_directory_symlink(elsewhere, files.folder / "way");
  CHECK(run_capcam({"export", files.folder / "way"}).status == 0);
}

TEST_CASE("a link in an output folder is refused, and what it names stays as it is") {
  const Bench bench;
  for (const std::string name : {"report.json", "heads.csv", "scores.csv", "outputs.safetensors"}) {
    fs::create_directories(bench.out);
    write_bytes(bench.folder / "victim", "precious");
    fs::create_symlink(bench.folder / "victim", fs::path(bench.out) / name);
    const Ended ended = run_capcam(bench.run_with({"--save-output"}));
    INFO(name << ended.err);
    CHECK(ended.status == 2);
    CHECK_THAT(ended.err, ContainsSubstring(name + ": a symbolic link"));
    CHECK(read_bytes(bench.folder / "victim") == "precious");
    CHECK(files_in(bench.out) == std::vector<std::string>{name});
    fs::remove_all(bench.out);
  }
}

TEST_CASE("stored texts that are no reports are refused by name, by whoever reads them") {
  const std::string deep(100'000, '[');
  const std::vector<std::pair<std::string, std::string>> texts = {
      {"gibberish", "not JSON"},
      {deep, "nested more than"},
      {"{\"config\":1}", "config: expected an object"},
      {"{\"config\":{},\"trace\":{}}", "trace: expected the texts path and sha256"},
      {"[]", "expected an object"},
      {"", "not JSON"}};
  for (const auto& [text, problem] : texts) {
    const Spoilt spoilt;
    spoilt.with("UPDATE results SET report = '" + text + "'");
    const std::vector<std::string> patterns = {"damaged: what is stored of point .* is no report: .*" + problem};
    check_refused({"export", spoilt.out}, patterns);
    check_refused({"merge", spoilt.files.folder / "all", spoilt.out}, patterns);
    const Ended sweep = run_capcam({"sweep", spoilt.sweep, "--out", spoilt.out});
    CHECK(sweep.status == 2);
    CHECK_THAT(sweep.err, ContainsSubstring("is no report"));
  }
}

TEST_CASE("a view in a table's place is refused before it is asked anything") {
  const Spoilt spoilt;
  spoilt.with(
      "DROP TABLE points; CREATE VIEW points AS WITH RECURSIVE n(position) AS (SELECT 1 UNION ALL SELECT position + 1 "
      "FROM n) SELECT position, 'k' AS key, 1 AS pareto FROM n");
  for (const std::vector<std::string>& command : {std::vector<std::string>{"export", spoilt.out},
                                                  {"sweep", spoilt.sweep, "--out", spoilt.out},
                                                  {"merge", spoilt.files.folder / "all", spoilt.out}})
    check_refused(command, {"results\\.sqlite: damaged: it has no table points"});
}

TEST_CASE("a trigger in results from elsewhere is refused and not run") {
  const Spoilt spoilt;
  spoilt.with("CREATE TRIGGER t AFTER UPDATE ON points BEGIN DELETE FROM results; END");
  check_refused({"sweep", spoilt.sweep, "--out", spoilt.out}, {"triggers of others"});
  spoilt.with("DROP TRIGGER t");
  CHECK(ResultStore(spoilt.out, ResultStore::Access::read).results().size() == 2);
}

TEST_CASE("merge takes no damaged shard in") {
  const Spoilt spoilt;
  const std::string all = spoilt.files.folder / "all";
  spoilt.with("UPDATE results SET report = json_remove(report, '$.cycles')");
  check_refused({"merge", all, spoilt.out}, {"damaged: the report of point .* has no figures"});
  std::string bytes = read_bytes(spoilt.out + "/results.sqlite");
  for (std::size_t page = 4096; page + 100 < bytes.size(); page += 4096) bytes.replace(page, 100, 100, '\xff');
  write_bytes(spoilt.out + "/results.sqlite", bytes);
  check_refused({"merge", all, spoilt.out}, {"damaged|no results of a sweep"});
}

TEST_CASE("an export beside sweeps that begin and end has the points of one of them, all of them") {
  const SweepFiles files;
  const std::string more = "'array.rows' = {from = 4, to = 32, step = 4}\n'value.lanes' = [1, 2, 3, 4, 6, 8]\n";
  const std::string a = files.sweep("[grid]\n'array.count' = [1, 2]\n" + more, "a.toml"),
                    b = files.sweep("[grid]\n'array.count' = [3]\n" + more, "b.toml"), out = files.folder / "out";
  REQUIRE(run_capcam({"sweep", a, "--out", out}).status == 0);
  const std::string of_a = run_capcam({"export", out}).out;
  REQUIRE(run_capcam({"sweep", b, "--out", out}).status == 0);
  const std::string of_b = run_capcam({"export", out}).out;
  REQUIRE(of_a != of_b);
  for (int i = 0; i < 30; ++i) {
    Program sweep(capcam_command({"sweep", i % 2 == 0 ? a : b, "--out", out}));
    for (int k = 0; k < 3; ++k) {
      const Ended exported = run_capcam({"export", out});
      INFO(exported.err);
      REQUIRE(exported.status == 0);
      // The front is marked at the end; which points and figures there are is what counts here.
      REQUIRE((exported.out == of_a || exported.out == of_b));
    }
    REQUIRE(sweep.wait().status == 0);
  }
}

}  // namespace capcam::testing
