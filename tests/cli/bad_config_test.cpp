// SPDX-License-Identifier: Apache-2.0
// Wrong configurations, in files and in --set: every problem is told at once, with its place.
#include "cli/refusal.h"

namespace capcam::testing {

TEST_CASE("a configuration that does not exist is refused with those that do") {
  const Bench bench;
  const auto run = [&](const std::string& config) {
    return std::vector<std::string>{"run", config, "--trace", bench.trace, "--out", bench.out};
  };
  check_refused(run("nosuch.toml"),
                {"no configuration nosuch\\.toml", "shipped configurations: camformer, edge-language-model, .*had"},
                bench.out);
  check_refused(run("camfromer"), {"did you mean camformer\\?"}, bench.out);
  check_refused(run(bench.folder.path().string()), {"no configuration"}, bench.out);
  check_refused({"check", "camfromer"}, {"did you mean camformer\\?"});
  check_refused({"cost", "camfromer"}, {"did you mean camformer\\?"});
}

TEST_CASE("unknown keys are refused with the nearest known one") {
  const Bench bench;
  check_refused(bench.run_with({"--set", "array.row=3"}),
                {"--set array\\.row=3: array\\.row: unknown key, did you mean \"rows\""}, bench.out);
  check_refused(bench.run_with({"--set", "topn.n=3"}), {"topn: unknown key, did you mean \"top_n\""}, bench.out);
  check_refused(bench.run_with({"--set", "array.zzzzzzz=3"}), {"unknown key; array has rows, columns"}, bench.out);
}

TEST_CASE("a --set that is not KEY=VALUE is refused with an example") {
  const Bench bench;
  for (const char* set : {"array.rows", "array.rows=", "=3", "="}) {
    INFO(set);
    check_refused(bench.run_with({"--set", set}), {"expected KEY=VALUE, for example array\\.rows=32"}, bench.out);
  }
  check_refused(bench.run_with({"--set"}), {"--set.*KEY=VALUE"}, bench.out);
}

TEST_CASE("a --set without a value is told together with the wrong values of others") {
  const Bench bench;
  check_refused(bench.run_with({"--set", "array.rows=-5", "--set", "foo=3", "--set", "bar"}),
                {"3 problems in the configuration", "array\\.rows: expected 1 to 65536 rows, got -5",
                 "foo: unknown key", "--set bar: expected KEY=VALUE"},
                bench.out);
}

TEST_CASE("values of the wrong type or out of range are refused with what was expected") {
  const Bench bench;
  const std::vector<std::pair<const char*, const char*>> wrong = {
      {"array.rows=-1", "array\\.rows: expected 1 to 65536 rows, got -1"},
      {"array.rows=0", "array\\.rows: expected 1 to 65536 rows, got 0"},
      {"array.rows=2.5", "expected a whole number, 1 to 65536 rows, got 2\\.5"},
      {"array.rows=\"16\"", "expected a whole number, 1 to 65536 rows, got \"16\""},
      {"array.rows=99999999999999999999", "array\\.rows"},
      {"sensing.kind=flashy", "expected one of ideal, sar.*, got \"flashy\""},
      {"pipeline.query_overlap=yes", "expected true or false, got \"yes\""},
      {"memory.bandwidth_gb_s=-1", "expected more than 0 GB/s, got -1"},
      {"memory.bandwidth_gb_s=nan", "expected a finite number, more than 0 GB/s, got nan"},
      {"memory.dram_card=hbm", "did you mean \"hbm2\""},
      {"memory.dram_card=../dram/hbm2", "is no plain name"},
      {"cost.library=camformer", "did you mean \"camformer45\""},
      {"array=16", "array: expected a section"},
      {"top_n.tile_k=17", "top_n\\.tile_k \\(17\\) is more than array\\.rows \\(16\\)"},
      {"top_n.n=63", "top_n\\.register_entries \\(64\\) is less than"},
  };
  for (const auto& [set, pattern] : wrong) check_refused(bench.run_with({"--set", set}), {pattern}, bench.out);
}

TEST_CASE("every problem of a configuration file is named at once with its line and column") {
  const Bench bench;
  const std::string config = bench.folder / "bad.toml";
  write_bytes(config,
              "[array]\n"
              "rows = -4\n"
              "colums = 64\n"
              "\n"
              "[top_n]\n"
              "n = \"many\"\n"
              "[topn]\n"
              "n = 3\n");
  check_refused({"run", config, "--trace", bench.trace, "--out", bench.out, "--set", "sensing.bits=99"},
                {"5 problems in the configuration", "bad\\.toml:2:8: array\\.rows: expected 1 to 65536 rows, got -4",
                 "bad\\.toml:3:1: array\\.colums: unknown key, did you mean \"columns\"",
                 "bad\\.toml:6:5: top_n\\.n: expected a whole number", "bad\\.toml:7:1: topn: unknown key",
                 "--set sensing\\.bits=99: sensing\\.bits: expected 1 to 16 bits, got 99"},
                bench.out);
}

TEST_CASE("a file that is no TOML is refused at the place where it stops being TOML") {
  const Bench bench;
  const std::string config = bench.folder / "broken.toml";
  write_bytes(config, "[array]\nrows = 16 columns = 64\n");
  check_refused({"run", config, "--trace", bench.trace, "--out", bench.out}, {"broken\\.toml:2:11"}, bench.out);
}

TEST_CASE("an empty configuration is the published design, but that all loads are paid for") {
  const Bench bench;
  const std::string config = bench.folder / "empty.toml";
  write_bytes(config, "");
  const Ended ours = run_capcam({"run", config, "--trace", bench.trace, "--json"});
  const Ended published =
      run_capcam({"run", "camformer", "--trace", bench.trace, "--json", "--set", "cost.loads=counted"});
  CHECK(ours.status == 0);
  CHECK(ours.out == published.out);
}

TEST_CASE("a trace that does not fit the machine is refused with what would") {
  const TemporaryFolder folder;
  const std::string trace = folder / "t", out = folder / "out";
  REQUIRE(run_capcam({"trace", "synth", trace, "--heads", "1", "--queries", "1", "--keys", "200"}).status == 0);
  // 200 rows of 64 bf16 elements are 25 KiB.
  check_refused({"run", "camformer", "--trace", trace, "--out", out, "--set", "memory.value_source=sram"},
                {"does not fit the machine", "memory\\.value_sram_kib \\(16\\)", "all 200 of a head: raise it to 25"},
                out);
}

TEST_CASE("every shipped configuration is valid, and found by its name") {
  for (const auto& entry : std::filesystem::directory_iterator(source_dir() / "configs")) {
    if (entry.path().extension() != ".toml") continue;
    const Ended ended = run_capcam({"check", entry.path().stem().string()});
    INFO(entry.path() << "\n" << ended.err);
    CHECK(ended.status == 0);
  }
}

}  // namespace capcam::testing
