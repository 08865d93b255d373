// SPDX-License-Identifier: Apache-2.0
#include "studies/sweep/file/plan.h"

#include <set>

#include "studies/sweep/store/point_key.h"
#include "support/catch.h"
#include "support/places.h"
#include "support/sweep_files.h"

using namespace capcam;
using namespace capcam::testing;

namespace {

SweepPlan plan_of(const std::string& path) {
  const SweepFile file = read_sweep_file(path);
  const SweepTraces traces = open_traces(file);
  return make_plan(file, traces);
}

// Returns the problems without the folder in front.
std::string refusal(const SweepFiles& files, const std::string& more) {
  std::string text = problems_of([&] { plan_of(files.sweep(more)); });
  const std::string folder = files.folder.path().string() + "/";
  for (std::size_t at; (at = text.find(folder)) != std::string::npos;) text.erase(at, folder.size());
  return text;
}

}  // namespace

TEST_CASE("a grid is every combination, the first key slowest, [same] and the base under it") {
  const SweepFiles files;
  const SweepPlan plan =
      plan_of(files.sweep("[same]\n'top_n.merge_cycles' = 9\n[grid]\n'array.rows' = [8, 16]\n"
                          "'array.count' = [1, 2, 3]\n"));
  REQUIRE(plan.points.size() == 6);
  for (std::size_t i = 0; i < 6; ++i) {
    CHECK(plan.points[i].config.array.rows == (i < 3 ? 8u : 16u));
    CHECK(plan.points[i].config.array.count == 1 + i % 3);
    CHECK(plan.points[i].config.top_n.merge_cycles == 9);
    CHECK(plan.points[i].config.top_n.n == 8);  // the base's
  }
}

TEST_CASE("the order of a grid is that of the file, not of the alphabet") {
  const SweepFiles files;
  const SweepPlan plan = plan_of(files.sweep("[grid]\n'top_n.tile_k' = [1, 2]\n'array.rows' = [8, 16]\n"));
  CHECK(plan.points[1].config.top_n.tile_k == 1);
  CHECK(plan.points[1].config.array.rows == 16);
}

TEST_CASE("a range goes in steps or by a factor and holds its ends") {
  const SweepFiles files;
  std::vector<std::uint32_t> rows;
  for (const SweepPoint& point :
       plan_of(files.sweep("[grid]\n'array.rows' = {from = 4, to = 64, factor = 2}\n")).points)
    rows.push_back(point.config.array.rows);
  CHECK(rows == std::vector<std::uint32_t>{4, 8, 16, 32, 64});
  std::vector<double> clocks;
  for (const SweepPoint& point :
       plan_of(files.sweep("[grid]\n'clock.frequency_ghz' = {from = 0.1, to = 0.5, step = 0.2}\n")).points)
    clocks.push_back(point.config.clock.frequency_ghz);
  REQUIRE(clocks.size() == 3);
  CHECK(clocks[0] == 0.1);
  CHECK(clocks[2] == Approx(0.5).epsilon(1e-15));
  rows.clear();
  for (const SweepPoint& point : plan_of(files.sweep("[grid]\n'array.rows' = {from = 4, to = 11, step = 4}\n")).points)
    rows.push_back(point.config.array.rows);
  CHECK(rows == std::vector<std::uint32_t>{4, 8});
}

TEST_CASE("sections of a grid may be written as sections") {
  const SweepFiles files;
  CHECK(plan_of(files.sweep("[grid.array]\nrows = [8, 16]\ncount = {from = 1, to = 2, step = 1}\n")).points.size() ==
        4);
}

TEST_CASE("linked keys vary together, and every group of them apart") {
  const SweepFiles files;
  const SweepPlan plan = plan_of(files.sweep("[linked]\n'array.rows' = [8, 32]\n'top_n.tile_k' = [1, 4]\n"));
  REQUIRE(plan.points.size() == 2);
  CHECK(plan.points[1].config.array.rows == 32);
  CHECK(plan.points[1].config.top_n.tile_k == 4);
  CHECK(plan_of(files.sweep("[[linked]]\n'array.rows' = [8, 32]\n'top_n.tile_k' = [1, 4]\n"
                            "[[linked]]\n'array.count' = [1, 2, 3]\n"))
            .points.size() == 6);
}

TEST_CASE("listed points come after the grid, and alone where there is none") {
  const SweepFiles files;
  const std::string listed = "[[points]]\n'array.rows' = 8\n'array.count' = 5\n[[points]]\n'array.rows' = 64\n";
  CHECK(plan_of(files.sweep(listed)).points.size() == 2);
  const SweepPlan plan = plan_of(files.sweep("[grid]\n'array.rows' = [16, 32]\n" + listed));
  REQUIRE(plan.points.size() == 4);
  CHECK(plan.points[2].config.array.count == 5);
  CHECK(plan.points[3].config.array.rows == 64);
}

TEST_CASE("a sweep with nothing to vary is its base") { CHECK(plan_of(SweepFiles().sweep("")).points.size() == 1); }

TEST_CASE("where leaves combinations out, also those that could not be") {
  const SweepFiles files;
  const SweepPlan plan =
      plan_of(files.sweep("where = 'top_n.tile_k <= array.rows and array.rows <= trace.keys'\n"
                          "[same]\n'array.program_rows_per_cycle' = 1\n"
                          "[grid]\n'array.rows' = [2, 8, 64]\n'top_n.tile_k' = [2, 8]\n"));
  CHECK(plan.points.size() == 3);
  CHECK(plan.excluded == 3);
}

TEST_CASE("a point that is the same as another is simulated once") {
  const SweepFiles files;
  const SweepPlan plan = plan_of(files.sweep("[grid]\n'array.rows' = [8, 16, 8]\n[[points]]\n'array.rows' = 16\n"));
  CHECK(plan.points.size() == 2);
  CHECK(plan.repeated == 2);
}

TEST_CASE("a point's key tells apart what its result depends on, and survives how it is written") {
  const SweepFiles files;
  const std::string key = plan_of(files.sweep("")).points[0].key;
  CHECK(plan_of(files.sweep("[grid]\n'array.rows' = [16]\n")).points[0].key == key);  // its default
  CHECK(plan_of(files.sweep("engine = 'systemc'\n")).points[0].key == key);
  CHECK(plan_of(files.sweep("seed = 2\n")).points[0].key != key);
  CHECK(plan_of(files.sweep("accuracy = 0.5\n")).points[0].key != key);
  CHECK(plan_of(files.sweep("[same]\n'array.rows' = 17\n")).points[0].key != key);
  SyntheticSpec spec;
  spec.queries = 3;
  write_synthetic(spec, files.trace);
  CHECK(plan_of(files.sweep("")).points[0].key != key);
}

TEST_CASE("every point is in one shard, whatever the number of shards") {
  const SweepFiles files;
  const SweepPlan plan = plan_of(files.sweep(
      "[same]\n'array.program_rows_per_cycle' = 1\n[grid]\n'array.rows' = {from = 2, to = 201, step = 1}\n"));
  for (const std::uint32_t count : {1u, 2u, 7u}) {
    std::vector<int> sizes(count);
    for (const SweepPoint& point : plan.points) {
      int owners = 0;
      for (std::uint32_t index = 1; index <= count; ++index) {
        if (!Shard{index, count}.has(point.key)) continue;
        ++owners;
        ++sizes[index - 1];
      }
      CHECK(owners == 1);
    }
    for (const int size : sizes) CHECK(size > 100 / static_cast<int>(count));  // half of an even share of 200
  }
}

TEST_CASE("more points than max_points are refused with their number, however many") {
  const SweepFiles files;
  CHECK(refusal(files, "max_points = 5\n[grid]\n'array.rows' = [4, 8, 16]\n'array.count' = [1, 2]\n") ==
        "the sweep sweep.toml has 6 points, more than max_points (5): vary less, or raise max_points in the file");
  const std::string thousand = "{from = 1, to = 1000, step = 1}\n";
  CHECK_THAT(refusal(files, "[grid]\n'array.rows' = " + thousand + "'array.count' = " + thousand +
                                "'top_n.n' = " + thousand + "'array.columns' = " + thousand),
             ContainsSubstring("has 1000000000000 points"));
  CHECK_THAT(refusal(files, "[grid]\n'array.rows' = {from = 1, to = 1e15, step = 1}\n"),
             ContainsSubstring("sweep.toml:4:") && ContainsSubstring("more than max_points (100000) values"));
}

TEST_CASE("everything wrong with a sweep file is told at once, each with its place") {
  const SweepFiles files;
  const std::string text = refusal(files,
                                   "engin = 'fast'\nobjectives = ['energy']\nseed = -1\nwhere = 'array.rows <'\n"
                                   "[same]\n'array.count' = 2\n[grid]\n'array.count' = [1]\n'array.rows' = 8\n"
                                   "'top_n.n' = {from = 8, to = 4, step = 1}\n"
                                   "[linked]\n'value.lanes' = [1, 2]\n'value.mac_cycles' = [1, 2, 3]\n");
  for (const char* problem :
       {"sweep.toml:3:9: engin: unknown, did you mean engine?", "sweep.toml:4:14: objectives: expected FIGURE:min",
        "sweep.toml:5:8: seed: expected at least 0, got -1", "sweep.toml:6:9: where, column 13",
        "array.count: is held equal by", "sweep.toml:11:16: array.rows: expected a list of values, or a range",
        "top_n.n: from (8) is more than to (4)",
        "sweep.toml:15:22: value.mac_cycles: has 3 values where value.lanes has 2"}) {
    CAPTURE(problem);
    CHECK_THAT(text, ContainsSubstring(problem));
  }
  CHECK_THAT(text, ContainsSubstring("8 problems in the sweep"));
}

TEST_CASE("the base of a sweep may be a shipped configuration, and a name that is none is told with the nearest") {
  const SweepFiles files;
  const std::string rest = "traces = ['small.safetensors']\n[grid]\n'array.count' = [1, 2]\n";
  write_bytes(files.folder / "s.toml", "base = 'physical-65nm'\n" + rest);
  CHECK(read_sweep_file(files.folder / "s.toml").base.filename() == "physical-65nm.toml");
  write_bytes(files.folder / "s.toml", "base = 'physical-65n'\n" + rest);
  CHECK_THAT(problems_of([&] { read_sweep_file(files.folder / "s.toml"); }),
             ContainsSubstring("s.toml:1:8: base: there is no such file and no shipped configuration physical-65n; "
                               "did you mean physical-65nm? shipped configurations: camformer"));
}

TEST_CASE("a value that no machine may have is refused where it is written, once, before anything runs") {
  const SweepFiles files;
  const std::string text =
      refusal(files,
              "[grid]\n'array.rows' = [8,\n  0]\n'array.colums' = [32]\n'array.count' = [1, 2, 3]\n"
              "'sensing.kind' = ['sar', 'magic']\n");
  CHECK_THAT(text, ContainsSubstring("sweep.toml:5:3: array.rows: expected 1 to 65536 rows, got 0"));
  CHECK_THAT(text, ContainsSubstring("sweep.toml:6:") && ContainsSubstring("did you mean \"columns\"?"));
  CHECK_THAT(text, ContainsSubstring("sensing.kind: expected one of ideal, sar"));
  CHECK(text.find("got 0") == text.rfind("got 0"));
  CHECK_THAT(refusal(files, "[grid]\n'array.rows' = [4]\n'top_n.tile_k' = [2, 8]\n"),
             ContainsSubstring("1 point of the sweep") && ContainsSubstring("where ="));
}

TEST_CASE("every shipped sweep has points, and what its first lines say to type") {
  int sweeps = 0;
  for (const auto& entry : std::filesystem::directory_iterator(source_dir() / "configs/sweeps")) {
    CAPTURE(entry.path());
    CHECK(plan_of(entry.path()).points.size() >= 20);
    const std::string name = entry.path().stem();
    CHECK_THAT(read_bytes(entry.path()), ContainsSubstring("capcam sweep " + name + " --out results/" + name));
    ++sweeps;
  }
  CHECK(sweeps >= 6);
}

TEST_CASE("where refuses a key that there is not") {
  CHECK_THAT(refusal(SweepFiles(), "where = 'array.row > 3'\n"), ContainsSubstring("did you mean \"array.rows\"?"));
}
