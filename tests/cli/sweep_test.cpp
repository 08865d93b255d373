// SPDX-License-Identifier: Apache-2.0
// capcam sweep, merge and export as their users meet them.
#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>

#include "cli/refusal.h"
#include "studies/sweep/store/store.h"
#include "support/sweep_files.h"

namespace capcam::testing {
namespace {

using Json = nlohmann::ordered_json;

// A sweep of 12 points.
const std::string grid =
    "[grid]\n'array.rows' = [8, 16, 32]\n'top_n.tile_k' = [0, 2]\n'memory.latency_cycles' = [5, 50]\n";

Ended run_sweep(const std::string& sweep, const std::string& out, const std::vector<std::string>& more = {}) {
  std::vector<std::string> arguments{"sweep", sweep, "--out", out, "--jobs", "2"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return run_capcam(arguments);
}

// Returns the reports of a folder by key.
std::map<std::string, std::string> reports_of(const std::string& out) {
  std::map<std::string, std::string> reports;
  ResultStore(out, ResultStore::Access::read).for_each([&](const StoredPoint& point) {
    if (point.result) reports[point.key] = point.result->report;
  });
  return reports;
}

// Returns a CSV by column; quotes keep commas and line ends together.
std::map<std::string, std::vector<std::string>> columns_of_csv(const std::string& csv) {
  const auto split = [](const std::string& text, char at) {
    std::vector<std::string> parts{""};
    bool quoted = false;
    for (const char c : text) {
      quoted = quoted != (c == '"');
      if (c == at && !quoted) {
        parts.emplace_back();
      } else {
        parts.back() += c;
      }
    }
    return parts;
  };
  std::vector<std::string> lines = split(csv, '\n');
  lines.pop_back();
  const std::vector<std::string> names = split(lines[0], ',');
  std::map<std::string, std::vector<std::string>> columns;
  for (std::size_t line = 1; line < lines.size(); ++line) {
    const std::vector<std::string> cells = split(lines[line], ',');
    REQUIRE(cells.size() == names.size());
    for (std::size_t i = 0; i < names.size(); ++i) columns[names[i]].push_back(cells[i]);
  }
  return columns;
}

void execute(const std::string& out, const std::string& sql) {
  Database(out + "/results.sqlite", Database::Access::write).execute(sql);
}

}  // namespace

TEST_CASE("a point of a sweep has the report that capcam run prints for it") {
  const SweepFiles files;
  const std::string out = files.folder / "out";
  REQUIRE(run_sweep(files.sweep(grid), out).status == 0);
  int compared = 0;
  for (const auto& [key, text] : reports_of(out)) {
    const Json report = Json::parse(text);
    std::vector<std::string> arguments = {
        "run", files.folder / "base.toml", "--trace", files.trace, "--engine", "fast", "--json"};
    const Ended ended = run_capcam(with_sets(
        arguments, {fmt::format("array.rows={}", report["config"]["array"]["rows"].dump()),
                    fmt::format("top_n.tile_k={}", report["config"]["top_n"]["tile_k"].dump()),
                    fmt::format("memory.latency_cycles={}", report["config"]["memory"]["latency_cycles"].dump())}));
    REQUIRE(ended.status == 0);
    CHECK(Json::parse(ended.out) == report);
    ++compared;
  }
  CHECK(compared == 12);
}

TEST_CASE("the number of jobs changes nothing, and a second run does nothing again") {
  const SweepFiles files;
  const std::string one = files.folder / "one", four = files.folder / "four";
  REQUIRE(run_sweep(files.sweep(grid), one, {"--jobs", "1"}).status == 2);  // given twice
  REQUIRE(run_capcam({"sweep", files.sweep(grid), "--out", one, "--jobs", "1"}).status == 0);
  REQUIRE(run_capcam({"sweep", files.sweep(grid), "--out", four, "--jobs", "4"}).status == 0);
  CHECK(reports_of(one) == reports_of(four));
  const Ended again = run_sweep(files.sweep(grid), one);
  CHECK(again.status == 0);
  CHECK_THAT(again.err, ContainsSubstring("12 points; 12 done before"));
}

TEST_CASE("a longer grid does only what is new") {
  const SweepFiles files;
  const std::string out = files.folder / "out";
  REQUIRE(run_sweep(files.sweep(grid), out).status == 0);
  const Ended ended = run_sweep(files.sweep(grid + "'value.lanes' = [4, 8]\n"), out);
  CHECK_THAT(ended.err, ContainsSubstring("24 points; 12 done before"));
  CHECK(reports_of(out).size() == 24);
}

TEST_CASE("a point that fails is kept with its error, the others go on, and the exit status says so") {
  const SweepFiles files;
  const std::string out = files.folder / "out";
  // 1 KiB of value SRAM holds no head's values.
  SyntheticSpec spec;
  spec.keys = 100;
  spec.value_dim = 64;
  write_synthetic(spec, files.trace);
  const Ended ended = run_sweep(
      files.sweep("[grid]\n'memory.value_source' = ['sram', 'dram_prefetch']\n[same]\n'memory.value_sram_kib' = 2\n"),
      out);
  CHECK(ended.status == 2);
  CHECK_THAT(ended.err, ContainsSubstring("1 of 2 points failed"));
  CHECK_THAT(ended.out, ContainsSubstring("1 point done, 1 failed"));
  const auto table = columns_of_csv(run_capcam({"export", out}).out);
  CHECK(table.at("status") == std::vector<std::string>{"failed", "done"});
  CHECK_FALSE(table.at("error")[0].empty());
  // The point that failed is tried again.
  CHECK_THAT(run_sweep(files.sweep("[grid]\n'memory.value_source' = ['sram', 'dram_prefetch']\n[same]\n"
                                   "'memory.value_sram_kib' = 2\n"),
                       out)
                 .err,
             ContainsSubstring("2 points; 1 done before"));
}

TEST_CASE("points of the systemc engine run in processes of their own and give the same reports but for the engine") {
  const SweepFiles files;
  const std::string fast = files.folder / "fast", systemc = files.folder / "systemc";
  REQUIRE(run_sweep(files.sweep(grid), fast).status == 0);
  const bool by_option = GENERATE(false, true);
  const Ended ended = by_option ? run_sweep(files.sweep(grid), systemc, {"--engine", "systemc"})
                                : run_sweep(files.sweep("engine = 'systemc'\n" + grid), systemc);
  INFO(ended.err);
  REQUIRE(ended.status == 0);
  const auto left = reports_of(fast), right = reports_of(systemc);
  REQUIRE(right.size() == 12);
  for (const auto& [key, text] : left) {
    Json a = Json::parse(text), b = Json::parse(right.at(key));
    CHECK(b["engine"] == "systemc");
    a.erase("engine");
    b.erase("engine");
    CHECK(a == b);
  }
}

TEST_CASE("sweep --verify runs a share of the points on the other engine, the same one every time, once") {
  const SweepFiles files;
  const std::string out = files.folder / "out";
  const Ended ended = run_sweep(files.sweep(grid), out, {"--verify", "0.4"});
  INFO(ended.err);
  CHECK(ended.status == 0);
  CHECK_THAT(ended.out, ContainsSubstring("verified on both engines"));
  const auto verdicts = ResultStore(out, ResultStore::Access::read).verdicts();
  CHECK(verdicts.size() >= 1);
  CHECK(verdicts.size() < 12);
  for (const auto& [key, verdict] : verdicts) CHECK(verdict == "same");
  CHECK(run_sweep(files.sweep(grid), out, {"--verify", "0.4"}).status == 0);
  CHECK(ResultStore(out, ResultStore::Access::read).verdicts() == verdicts);
  CHECK(run_sweep(files.sweep(grid), out, {"--verify", "1"}).status == 0);
  CHECK(ResultStore(out, ResultStore::Access::read).verdicts().size() == 12);
}

TEST_CASE("a difference between the engines ends with 3 and names the figure, also the next time") {
  const SweepFiles files;
  const std::string out = files.folder / "out";
  REQUIRE(run_sweep(files.sweep(""), out).status == 0);
  execute(out, "UPDATE results SET report = json_set(report, '$.cycles.total', 1)");
  for (int time = 0; time < 2; ++time) {
    const Ended ended = run_sweep(files.sweep(""), out, {"--verify", "1"});
    CHECK(ended.status == 3);
    CHECK_THAT(ended.err,
               ContainsSubstring("the engines differ in 1 point") && ContainsSubstring("cycles.total: 1 and "));
    CHECK_THAT(ended.out, ContainsSubstring("1 of them DIFFER"));
  }
}

TEST_CASE("shards that never talk make the whole when merged, and merging twice changes nothing") {
  const SweepFiles files;
  const std::string whole = files.folder / "whole", merged = files.folder / "merged";
  const std::string sweep = files.sweep(grid);
  REQUIRE(run_sweep(sweep, whole).status == 0);
  std::vector<std::string> merge{"merge", merged};
  for (const std::string index : {"1", "2", "3"}) {
    merge.push_back(files.folder / ("shard" + index));
    REQUIRE(run_sweep(sweep, merge.back(), {"--shard", index + "/3"}).status == 0);
  }
  const Ended first = run_capcam(merge);
  INFO(first.err);
  REQUIRE(first.status == 0);
  CHECK_THAT(first.out, ContainsSubstring("12 of 12 points done, 0 failed, 0 missing; 12 added now"));
  CHECK(reports_of(merged) == reports_of(whole));
  CHECK(run_capcam({"export", merged}).out == run_capcam({"export", whole}).out);
  CHECK_THAT(run_capcam(merge).out, ContainsSubstring("12 of 12 points done, 0 failed, 0 missing; 0 added now"));
  CHECK(reports_of(merged) == reports_of(whole));
  // The merged folder is a sweep like any other.
  CHECK_THAT(run_sweep(sweep, merged).err, ContainsSubstring("12 done before"));
}

TEST_CASE("merge refuses results that disagree and folders of other sweeps, and then changes nothing") {
  const SweepFiles files;
  const std::string a = files.folder / "a", b = files.folder / "b", other = files.folder / "other",
                    out = files.folder / "merged";
  const std::string sweep = files.sweep(grid);
  REQUIRE(run_sweep(sweep, a).status == 0);
  REQUIRE(run_sweep(sweep, b).status == 0);
  REQUIRE(run_sweep(files.sweep("", "other.toml"), other).status == 0);
  execute(b, "UPDATE results SET report = json_set(report, '$.energy_pj.total', 1.5)");
  check_refused({"merge", out, a, b}, {"nothing was merged", "another result .*energy_pj\\.total: .* and 1\\.5"});
  CHECK(reports_of(out).empty());
  REQUIRE(run_capcam({"merge", out, a}).status == 0);
  check_refused({"merge", out, other}, {"other: of another sweep than"});
  check_refused({"merge", out, b}, {"another result than was there before"});
  CHECK(reports_of(out) == reports_of(a));
  check_refused({"merge", out, out}, {"cannot be merged into itself"});
  check_refused({"merge", out, files.folder / "nowhere"}, {"holds no results of a sweep"});
}

TEST_CASE("sweep --shard slurm is the task's part of the array, whatever the first id and the step") {
  const SweepFiles files;
  const std::string sweep = files.sweep(grid);
  const auto slurm = [&](const std::string& out, const std::vector<std::string>& variables) {
    std::vector<std::string> command{"env"};
    command.insert(command.end(), variables.begin(), variables.end());
    const std::vector<std::string> rest = capcam_command({"sweep", sweep, "--out", out, "--shard", "slurm"});
    command.insert(command.end(), rest.begin(), rest.end());
    return Program(command).wait();
  };
  const std::string direct = files.folder / "direct", out = files.folder / "task";
  REQUIRE(run_sweep(sweep, direct, {"--shard", "2/3"}).status == 0);
  REQUIRE(slurm(out, {"SLURM_ARRAY_TASK_ID=15", "SLURM_ARRAY_TASK_MIN=10", "SLURM_ARRAY_TASK_MAX=20",
                      "SLURM_ARRAY_TASK_STEP=5", "SLURM_ARRAY_TASK_COUNT=3"})
              .status == 0);
  CHECK(reports_of(out) == reports_of(direct));
  // A task submitted alone would take itself for the whole array.
  const Ended alone = slurm(out, {"SLURM_ARRAY_TASK_ID=15", "SLURM_ARRAY_TASK_MIN=15", "SLURM_ARRAY_TASK_MAX=15",
                                  "SLURM_ARRAY_TASK_STEP=1", "SLURM_ARRAY_TASK_COUNT=1"});
  CHECK(alone.status == 2);
  CHECK_THAT(alone.err, ContainsSubstring("holds shard 2/3"));
  const Ended gap =
      slurm(files.folder / "gap", {"SLURM_ARRAY_TASK_ID=1", "SLURM_ARRAY_TASK_MIN=1", "SLURM_ARRAY_TASK_MAX=9",
                                   "SLURM_ARRAY_TASK_STEP=1", "SLURM_ARRAY_TASK_COUNT=2"});
  CHECK(gap.status == 2);
  CHECK_THAT(gap.err, ContainsSubstring("submit the whole array"));
  check_refused({"sweep", sweep, "--out", out, "--shard", "slurm"}, {"SLURM_ARRAY_TASK_ID is not set"});
  for (const std::string wrong : {"0/3", "4/3", "1", "a/b", "1/3x"})
    check_refused({"sweep", sweep, "--out", out, "--shard", wrong}, {"--shard: expected I/N"});
}

TEST_CASE("the table has what varies, every figure of the reports, and the front") {
  const SweepFiles files;
  const std::string out = files.folder / "out";
  REQUIRE(run_sweep(files.sweep(grid), out).status == 0);
  const Ended ended = run_capcam({"export", out, "--csv", files.folder / "points.csv"});
  CHECK(ended.out == "");
  const std::string csv = read_bytes(files.folder / "points.csv");
  CHECK(csv == run_capcam({"export", out}).out);
  const auto table = columns_of_csv(csv);
  CHECK(table.at("array.rows") ==
        std::vector<std::string>{"8", "8", "8", "8", "16", "16", "16", "16", "32", "32", "32", "32"});
  CHECK(table.at("memory.latency_cycles")[1] == "50");
  CHECK(table.count("array.columns") == 0);  // does not vary
  std::size_t row = 0;
  ResultStore(out, ResultStore::Access::read).for_each([&](const StoredPoint& point) {
    const Json report = Json::parse(point.result->report);
    CHECK(std::stod(table.at("energy_pj.per_head_query")[row]) == report["energy_pj"]["per_head_query"].get<double>());
    CHECK(std::stod(table.at("accuracy.exact.cosine")[row]) == report["accuracy"]["exact"]["cosine"].get<double>());
    CHECK(table.at("counts.cam_array.search")[row] == report["counts"]["cam_array.search"].dump());
    CHECK(table.at("key")[row++] == point.key);
  });
  // Only the cheapest point is on the front of energy alone.
  const auto by_energy = columns_of_csv(run_capcam({"export", out, "--objectives", "energy_pj.total:min"}).out);
  double least = HUGE_VAL;
  for (const std::string& energy : by_energy.at("energy_pj.total")) least = std::min(least, std::stod(energy));
  for (std::size_t i = 0; i < 12; ++i)
    CHECK((by_energy.at("pareto")[i] == "1") == (std::stod(by_energy.at("energy_pj.total")[i]) == least));
  check_refused({"export", out, "--objectives", "energy:min"}, {"no figure 'energy'"});
  check_refused({"export", files.folder / "nowhere"}, {"holds no results of a sweep"});
}

TEST_CASE("a sweep that cannot be leaves no folder behind") {
  const SweepFiles files;
  const std::string out = files.folder / "out";
  check_refused({"sweep", files.sweep("[grid]\n'array.rows' = [0]\n"), "--out", out},
                {"expected 1 to 65536 rows, got 0"});
  check_refused({"sweep", files.folder / "none.toml", "--out", out},
                {"there is no sweep", "shipped sweeps: .*array_size"});
  CHECK_FALSE(std::filesystem::exists(out));
}

TEST_CASE("an objective that no key of a sweep moves is refused before anything is made, unless forced") {
  const SweepFiles files;
  const std::string out = files.folder / "out";
  const std::string sweep = files.sweep(
      "objectives = ['energy_pj.total:min']\n[grid]\n'sensing.kind' = ['sar', 'flash']\n'sensing.bits' = [4, 6]\n");
  const Ended refused = run_sweep(sweep, out);
  CHECK(refused.status == 2);
  CHECK_THAT(refused.err, ContainsSubstring("energy_pj.total is the same whatever sensing.bits, sensing.kind are"));
  CHECK_THAT(refused.err, ContainsSubstring("cost.library = \"physical\"") && ContainsSubstring("--force"));
  CHECK(!std::filesystem::exists(out));

  const Ended forced = run_sweep(sweep, out, {"--force"});
  CHECK(forced.status == 0);
  CHECK_THAT(forced.out, ContainsSubstring("energy_pj.total is the same whatever sensing.kind, sensing.bits are"));
  const auto csv = columns_of_csv(run_capcam({"export", out}).out);
  CHECK(csv.at("unmoved").size() == 4);
  CHECK_THAT(csv.at("unmoved").front(), ContainsSubstring("the same whatever sensing.kind, sensing.bits"));

  // Priced bottom-up, the converter moves it.
  const Ended priced = run_sweep(files.sweep("objectives = ['energy_pj.total:min']\n[same]\n'cost.library' = "
                                             "'physical'\n[grid]\n'sensing.kind' = ['sar', 'flash']\n'sensing.bits' = "
                                             "[4, 6]\n",
                                             "priced.toml"),
                                 files.folder / "priced");
  CHECK(priced.status == 0);
  CHECK_THAT(priced.out, !ContainsSubstring("whatever"));
}

}  // namespace capcam::testing
