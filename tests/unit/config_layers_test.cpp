// A configuration extends another, and --set options override both.
// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <string>
#include <vector>

#include "capcam/read_config.h"
#include "config/toml_reader.h"
#include "support/catch.h"
#include "support/config_files.h"

namespace capcam {
namespace {

using testing::ConfigFiles;
using Lines = std::vector<std::string>;

TEST_CASE("a file is laid over what it extends, key by key, through the whole chain") {
  const ConfigFiles files;
  files.write("base/far.toml", "[array]\nrows = 8\ncolumns = 32\ncount = 2\n[top_n]\nn = 16\n");
  files.write("base/near.toml", "extends = 'far.toml'\n[array]\nrows = 32\n");
  const Config config =
      read_config(files.write("own.toml", "extends = \"base/near.toml\"\n[array]\ncount = 4\n[value]\nlanes = 2\n"));
  CHECK(config.array.rows == 32);     // near over far
  CHECK(config.array.columns == 32);  // far
  CHECK(config.array.count == 4);     // own over far
  CHECK(config.top_n.n == 16);        // far
  CHECK(config.value.lanes == 2);     // own
  CHECK(config.value.mac_cycles == 4);
}

TEST_CASE("every problem names the file it was written in, the nearest file first") {
  const ConfigFiles files;
  files.write("base.toml", "[array]\nrows = 0\ncolumns = 0\n[top_n]\nnn = 1\n");
  const auto own = files.write("own.toml", "extends = 'base.toml'\n\n[array]\ncolumns = 5000\n[value]\nlane = 2\n");
  CHECK(
      files.problems_of([&] { read_config(own, {"array.count=0"}); }) ==
      Lines{"own.toml:4:11: array.columns: expected 1 to 4096 columns, got 5000",
            "own.toml:6:1: value.lane: unknown key, did you mean \"lanes\"?",
            "base.toml:2:8: array.rows: expected 1 to 65536 rows, got 0",
            "base.toml:5:1: top_n.nn: unknown key; top_n has n, tile_k, tile_selection, tile_cycles, register_cycles, "
            "register_entries, merge_cycles",
            "--set array.count=0: array.count: expected 1 to 4096 arrays, got 0"});
}

TEST_CASE("a circle of files is refused") {
  const ConfigFiles files;
  const auto a = files.write("a.toml", "extends = 'b.toml'\n");
  files.write("b.toml", "[array]\nrows = 8\n[clock]\n");
  CHECK_NOTHROW(read_config(a));
  files.write("b.toml", "# b\n  extends = './a.toml'\n");
  CHECK(files.problems_of([&] { read_config(a); }) ==
        Lines{"b.toml:2:13: extends: circular: a.toml -> b.toml -> a.toml"});
  const auto self = files.write("self.toml", "extends = 'self.toml'\n");
  CHECK(files.problems_of([&] { read_config(self); }) ==
        Lines{"self.toml:1:11: extends: circular: self.toml -> self.toml"});
}

TEST_CASE("a shipped configuration is extended by its name from any folder, unless a file has that name") {
  const ConfigFiles files;
  files.write("data/configs/machine.toml", "extends = 'far.toml'\n[array]\nrows = 32\n");
  files.write("data/configs/far.toml", "[array]\ncolumns = 32\n");
  for (const char* name : {"machine", "machine.toml"}) {
    const Config config =
        read_config(files.write("own/machine.own.toml", std::string("extends = '") + name + "'\n[array]\ncount = 2\n"));
    CHECK(config.array.rows == 32);
    CHECK(config.array.columns == 32);
    CHECK(config.array.count == 2);
  }
  const auto near = files.write("own/near.toml", "extends = 'machine'\n");
  files.write("own/machine", "[array]\nrows = 8\n");
  CHECK(read_config(near).array.rows == 8);
  const auto typo = files.write("own/typo.toml", "extends = 'machin'\n");
  const Lines lines = files.problems_of([&] { read_config(typo); });
  REQUIRE(lines.size() == 1);
  CHECK_THAT(lines[0], ContainsSubstring("no shipped configuration machin; did you mean machine? shipped"));
}

TEST_CASE("what cannot be extended is said at the line that asks for it") {
  const ConfigFiles files;
  const auto own = files.write("own.toml", "extends = 'none.toml'\n");
  const Lines missing = files.problems_of([&] { read_config(own); });
  REQUIRE(missing.size() == 1);
  CHECK_THAT(missing[0], ContainsSubstring("own.toml:1:11: extends: there is no file none.toml and no shipped "
                                           "configuration none.toml; shipped configurations: "));
  files.write("own.toml", "extends = 5\n");
  CHECK(files.problems_of([&] { read_config(own); }) ==
        Lines{"own.toml:1:11: extends: expected a TOML file, relative to this one, or the name of a shipped "
              "configuration"});
  files.write("own.toml", "extends = 'base.toml'\n");
  files.write("base.toml", "rows = = 3\n");
  const Lines syntax = files.problems_of([&] { read_config(own); });
  REQUIRE(syntax.size() == 1);
  CHECK_THAT(syntax[0], ContainsSubstring("base.toml:1:8: "));
}

TEST_CASE("a --set goes over the file, the last one wins, and bare words are strings") {
  const ConfigFiles files;
  const auto path = files.write("own.toml", "[array]\nrows = 8\n[memory]\nbandwidth_gb_s = 10\n");
  const Config config =
      read_config(path, {"array.rows=32", "array.rows = 64", "sensing.kind=ideal", "memory.bandwidth_gb_s=inf",
                         "pipeline.query_overlap=true", "softmax.format=\"fp32\"", "clock.frequency_ghz=5e-1",
                         "value={lanes=4, mac_cycles=2}", "memory.dram_card= camformer "});
  CHECK(config.array.rows == 64);
  CHECK(config.sensing.kind == "ideal");
  CHECK(std::isinf(config.memory.bandwidth_gb_s));
  CHECK(config.pipeline.query_overlap);
  CHECK(config.softmax.format == NumberFormat::fp32);
  CHECK(config.clock.frequency_ghz == 0.5);
  CHECK(config.value.lanes == 4);
  CHECK(config.value.mac_cycles == 2);
  CHECK(config.memory.dram_card == "camformer");
}

TEST_CASE("a --set that is wrong is named as it was written") {
  const ConfigFiles files;
  const auto path = files.write("own.toml", "");
  const auto problem = [&](const std::string& set) {
    const Lines lines = files.problems_of([&] { read_config(path, {set}); });
    REQUIRE(lines.size() == 1);
    return lines[0];
  };
  CHECK(problem("array.rows=0") == "--set array.rows=0: array.rows: expected 1 to 65536 rows, got 0");
  CHECK(problem("array.row=8") == "--set array.row=8: array.row: unknown key, did you mean \"rows\"?");
  CHECK(problem("rows=8") == "--set rows=8: rows: unknown key, did you mean \"array.rows\"?");
  CHECK(problem("sensing.kind=dual_slope") ==
        "--set sensing.kind=dual_slope: sensing.kind: expected one of ideal, sar, flash, ramp, time_domain, got "
        "\"dual_slope\"");
  CHECK(problem("array.rows=06") ==
        "--set array.rows=06: array.rows: expected a whole number, 1 to 65536 rows, got \"06\"");
  CHECK(problem("array=5") == "--set array=5: array: expected a section [array], got 5");
  CHECK_THAT(problem("array.rows=3"), ContainsSubstring("--set array.rows=3: array.program_rows_per_cycle (4) is more "
                                                        "than array.rows (3): "));
}

TEST_CASE("a --set that is no KEY=VALUE is refused, all of them at once") {
  const ConfigFiles files;
  const auto path = files.write("own.toml", "");
  const std::string hint = ": expected KEY=VALUE, for example array.rows=32";
  CHECK(files.problems_of([&] {
    read_config(path, {"array.rows", "=3", "array.rows=", "array.rows=1\nx=2", "#=1"});
  }) == Lines{"--set array.rows" + hint, "--set =3" + hint, "--set array.rows=" + hint,
              "--set array.rows=1\nx=2" + hint, "--set #=1" + hint});
  // And with what the readable ones say.
  CHECK(
      files.problems_of([&] {
        read_config(path, {"array.rows=-5", "foo=3", "bar"});
      }) ==
      Lines{
          "--set array.rows=-5: array.rows: expected 1 to 65536 rows, got -5",
          "--set foo=3: foo: unknown key; known are clock, accelerator, array, sensing, score, top_n, softmax, value, "
          "memory, pipeline, cost",
          "--set bar" + hint});
  for (const char* broken : {"array..rows=3", "array.rows=\"3", "array.rows=[3", "a b=word", "[array]=word"}) {
    INFO(broken);
    const Lines lines = files.problems_of([&] { read_config(path, {broken}); });
    REQUIRE(lines.size() == 1);
    CHECK_THAT(lines[0], ContainsSubstring(std::string("--set ") + broken + ": Error while parsing"));
  }
}

// A struct with what Config has not: required keys, unbounded numbers, a section within a section.
struct Inner {
  double energy_pj = -1.0;
  static void describe(auto& v, auto& p) { v.field("energy_pj", p.energy_pj, {.unit = "pJ", .required = true}); }
};
struct Outer {
  std::string source = "unset";
  std::uint64_t bytes = 7;
  std::uint32_t ways = 7;
  Inner inner;
  static void describe(auto& v, auto& p) {
    v.field("source", p.source, {.required = true});
    v.field("bytes", p.bytes, {});
    v.field("ways", p.ways, {.above = 1});
    v.section("inner", p.inner);
  }
};

Outer read_outer(const std::filesystem::path& path, const Lines& more = {}) {
  TomlReader reader(path);
  Outer outer;
  reader.section("outer", outer);
  reader.finish(more);
  return outer;
}

TEST_CASE("required keys are missed at their section, or at the file if that is missing too") {
  const ConfigFiles files;
  const auto path = files.write("card.toml", "");
  CHECK(files.problems_of([&] { read_outer(path); }) ==
        Lines{"card.toml: outer.source: required, but not given",
              "card.toml: outer.inner.energy_pj: required, but not given"});
  files.write("card.toml", "\n[outer]\nbytes = 1\n[outer.inner]\n");
  CHECK(files.problems_of([&] { read_outer(path, {"more"}); }) ==
        Lines{"card.toml:2:1: outer.source: required, but not given",
              "card.toml:4:1: outer.inner.energy_pj: required, but not given", "more"});
}

TEST_CASE("fields without limits take what their type holds") {
  const ConfigFiles files;
  const auto path = files.write("card.toml",
                                "[outer]\nsource = ''\nbytes = 9223372036854775807\nways = 4294967295\n"
                                "inner.energy_pj = -1e308\n");
  const Outer outer = read_outer(path);
  CHECK(outer.source.empty());
  CHECK(outer.bytes == 9223372036854775807u);
  CHECK(outer.ways == 4294967295u);
  CHECK(outer.inner.energy_pj == -1e308);
  files.write("card.toml", "[outer]\nsource = ''\nbytes = -1\nways = 4294967296\ninner.energy_pj = inf\n");
  CHECK(files.problems_of([&] { read_outer(path); }) ==
        Lines{"card.toml:3:9: outer.bytes: expected at least 0, got -1",
              "card.toml:4:8: outer.ways: expected more than 1 and at most 4294967295, got 4294967296",
              "card.toml:5:19: outer.inner.energy_pj: expected a finite number, got inf"});
  files.write("card.toml", "[outer]\nsource = ''\nways = 1\ninner.energy_pj = 'x'\n");
  CHECK(files.problems_of([&] { read_outer(path); }) ==
        Lines{"card.toml:3:8: outer.ways: expected more than 1 and at most 4294967295, got 1",
              "card.toml:4:19: outer.inner.energy_pj: expected a number, got \"x\""});
}

TEST_CASE("the place of a key is where it was written, or nowhere") {
  const ConfigFiles files;
  const auto path = files.write("own.toml", "[array]\n  rows = 8\n");
  TomlReader reader(path, {"array.count=2"});
  CHECK(files.relative(reader.place("array.rows")) == "own.toml:2:10: array.rows");
  CHECK(reader.place("array.count") == "--set array.count=2: array.count");
  CHECK(reader.place("array.columns") == "array.columns");
  CHECK(reader.place("value.lanes") == "value.lanes");
}

}  // namespace
}  // namespace capcam
