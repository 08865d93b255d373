// SPDX-License-Identifier: Apache-2.0
// Wrong subcommands, options and output paths are refused.
#include "cli/refusal.h"
#include "support/places.h"

namespace capcam::testing {

TEST_CASE("the trace that the tests of wrong input start from is good") {
  const Bench bench;
  const Ended run = run_capcam(bench.run_with({"--save-output"}));
  INFO(run.err);
  CHECK(run.status == 0);
  CHECK(files_in(bench.out) ==
        std::vector<std::string>{"heads.csv", "outputs.safetensors", "report.json", "scores.csv"});
  CHECK(run_capcam({"trace", "check", bench.trace}).status == 0);
}

TEST_CASE("help and version go to stdout") {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"--help"}, {"run", "--help"}, {"trace", "synth", "--help"}, {"--version"}}) {
    const Ended ended = run_capcam(arguments);
    CHECK(ended.status == 0);
    CHECK(ended.out != "");
    CHECK(ended.err == "");
  }
}

TEST_CASE("a missing or unknown subcommand is refused") {
  check_refused({}, {"subcommand is required", "--help"});
  check_refused({"fly"}, {"unknown command fly; commands: run, sweep", "--help"});
  check_refused({"swep", "--out", "x"}, {"unknown command swep, did you mean sweep\\?"});
  check_refused({"--fly"}, {"unknown option --fly", "--help"});
  check_refused({"trace"}, {"subcommand is required", "--help"});
  check_refused({"trace", "chek"}, {"unknown command chek, did you mean check\\?", "--help"});
}

TEST_CASE("missing and unknown options are refused by name") {
  const Bench bench;
  check_refused({"run"}, {"CONFIG is required"});
  check_refused({"run", "camformer"}, {"--trace is required"});
  check_refused(bench.run_with({"--ouut", "x"}), {"--ouut"}, bench.out);
  check_refused(bench.run_with({"surplus"}), {"surplus"}, bench.out);
  check_refused(bench.run_with({"--accuracy"}), {"--accuracy"}, bench.out);
  check_refused({"explain", "array.row"}, {"array\\.row\".*did you mean \"array\\.rows\""});
}

TEST_CASE("options with values that make no sense are refused by name and value") {
  const Bench bench;
  check_refused(bench.run_with({"--accuracy", "2"}), {"--accuracy.*2"}, bench.out);
  check_refused(bench.run_with({"--accuracy", "-0.5"}), {"--accuracy.*-0\\.5"}, bench.out);
  check_refused(bench.run_with({"--accuracy", "much"}), {"--accuracy.*much"}, bench.out);
  check_refused(bench.run_with({"--seed", "one"}), {"--seed.*one"}, bench.out);
  check_refused({"trace", "synth", bench.folder / "new", "--heads", "-3"}, {"--heads.*from 1 to.*'-3'"});
  check_refused({"trace", "synth", bench.folder / "new", "--keys", "0"}, {"--keys.*from 1 to.*'0'"});
  check_refused({"trace", "synth", bench.folder / "new", "--queries", "1e3"}, {"--queries.*'1e3'"});
  check_refused({"trace", "synth", bench.folder / "new", "--heads", "3", "--kv-heads", "2"},
                {"heads: expected a multiple of kv_heads \\(2\\), got 3"});
  check_refused({"trace", "synth", bench.folder / "new", "--distribution", "clusterd"},
                {"--distribution.*clusterd.*clustered"});
  check_refused({"trace", "synth", bench.folder / "new", "--scale", "nan"}, {"scale.*above 0, got nan"});
  CHECK(files_in(bench.folder.path()) == std::vector<std::string>{"good.safetensors"});
}

TEST_CASE("a seed below 0 or beyond 64 bits, and an accuracy that is no number, are refused") {
  const Bench bench;
  check_refused(bench.run_with({"--seed", "-1"}), {"--seed.*-1"}, bench.out);
  check_refused(bench.run_with({"--seed", "99999999999999999999999"}), {"--seed.*99999999999999999999999"}, bench.out);
  check_refused(bench.run_with({"--accuracy", "nan"}), {"--accuracy.*nan"}, bench.out);
}

TEST_CASE("a battery without capacity, a duty without a battery and an unknown line format are refused") {
  const Bench bench;
  check_refused(bench.run_with({"--battery-wh", "0"}), {"--battery-wh.*above 0, got '0'"}, bench.out);
  check_refused(bench.run_with({"--battery-wh", "inf"}), {"--battery-wh.*'inf'"}, bench.out);
  check_refused(bench.run_with({"--battery-wh", "5", "--duty", "2"}), {"--duty.*'2'"}, bench.out);
  check_refused(bench.run_with({"--battery-wh", "5", "--duty", "0"}), {"--duty.*'0'"}, bench.out);
  check_refused(bench.run_with({"--duty", "0.5"}), {"--duty requires --battery-wh"}, bench.out);
  check_refused(bench.run_with({"--dram-trace", bench.folder / "t", "--dram-format", "gem5"}), {"--dram-format.*gem5"},
                bench.out);
  check_refused(bench.run_with({"--dram-trace", bench.folder / "no/such/folder"}),
                {"cannot write .*/no/such/folder: No such file"});
}

TEST_CASE("layers that the trace does not have are refused with those it has") {
  const Bench bench;
  check_refused(bench.run_with({"--layers", "7"}), {"7: expected layers of .*good\\.safetensors, which has 0"},
                bench.out);
  // All problems come at once.
  check_refused(bench.run_with({"--layers", "0-2,x,-1,3-1"}),
                {"1-2: expected layers", "got \"x\"", "got \"-1\"", "got \"3-1\""}, bench.out);
}

TEST_CASE("an empty value, as an unset variable leaves it, is refused by name") {
  const Bench bench;
  for (const char* option : {"--out", "--vcd", "--timeline", "--dram-trace", "--layers"}) {
    check_refused({"run", "camformer", "--trace", bench.trace, option, ""},
                  {std::string(option) + ": expected a value, got an empty one"});
  }
  check_refused({"run", "", "--trace", bench.trace}, {"CONFIG: expected a value"});
  check_refused({"trace", "info", ""}, {"file: expected a value"});
  check_refused({"sweep", "array_size", "--out", ""}, {"--out: expected a value"});
}

TEST_CASE("outputs need a folder") {
  const Bench bench;
  check_refused({"run", "camformer", "--trace", bench.trace, "--save-output"}, {"--save-output needs --out"});
}

TEST_CASE("a folder that cannot be written to is refused before the run") {
  const Bench bench;
  // Nothing can be made below a regular file, not even by root.
  check_refused({"run", "camformer", "--trace", bench.trace, "--out", bench.trace + "/below"},
                {"cannot make the output folder .*good\\.safetensors/below: Not a directory"});
  check_refused({"run", "camformer", "--trace", bench.trace, "--out", bench.trace},
                {"output folder .*good\\.safetensors"});
  check_refused({"trace", "synth", bench.folder / "no/such/folder"},
                {"cannot be written", "No such file or directory"});
  check_refused({"trace", "synth", bench.folder.path().string()}, {"cannot be written", "Is a directory"});
  CHECK(files_in(bench.folder.path()) == std::vector<std::string>{"good.safetensors"});
}

TEST_CASE("a report that cannot be printed is no success") {
  const Bench bench;
  const Ended ended = Program({"/bin/sh", "-c", "exec \"$0\" run camformer --trace \"$1\" --json > /dev/full",
                               capcam_binary(), bench.trace})
                          .wait();
  INFO(ended.err);
  CHECK(ended.status == 2);
  CHECK_THAT(ended.err, ContainsSubstring("cannot write"));
}

}  // namespace capcam::testing
