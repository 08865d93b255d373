// SPDX-License-Identifier: Apache-2.0
// Outputs never replace an input, another output, a device or a link.
#include "cli/refusal.h"

namespace capcam::testing {
namespace fs = std::filesystem;

TEST_CASE("an output that is the trace is refused with both options, and the trace stays") {
  const Bench bench;
  const std::string before = read_bytes(bench.trace);
  for (const char* option : {"--timeline", "--vcd", "--dram-trace"})
    check_refused(bench.run_with({option, bench.trace}), {std::string("--trace and ") + option + " name the same file"},
                  bench.out);
  fs::create_symlink(bench.trace, bench.folder / "link");
  check_refused(bench.run_with({"--timeline", bench.folder / "link"}), {"--trace and --timeline"}, bench.out);
  check_refused({"selection", "camformer", "--trace", bench.trace, "--csv", bench.trace}, {"--trace and --csv"});
  check_refused({"compare", "camformer", "--trace", bench.trace, "--markdown", bench.trace},
                {"--trace and --markdown"});
  CHECK(read_bytes(bench.trace) == before);
}

TEST_CASE("a trace that lies where the outputs would go is refused") {
  const Bench bench;
  const std::string trace = bench.folder / "outputs.safetensors";
  fs::rename(bench.trace, trace);
  check_refused({"run", "camformer", "--trace", trace, "--out", bench.folder.path(), "--save-output"},
                {"--trace and --out \\(outputs\\.safetensors\\) name the same file"});
  // Without these options the path is in nobody's way.
  CHECK(run_capcam({"run", "camformer", "--trace", trace, "--out", bench.folder.path()}).status == 0);
}

TEST_CASE("a configuration and another output are no place for an output") {
  const Bench bench;
  const std::string config = bench.folder / "own.toml", file = bench.folder / "new";
  write_bytes(config, "");
  check_refused({"run", config, "--trace", bench.trace, "--vcd", config}, {"CONFIG and --vcd"});
  check_refused({"run", config, "--trace", bench.trace, "--vcd", file, "--timeline", bench.folder / "./new"},
                {"--vcd and --timeline name the same file, .*: one output would replace the other"});
  check_refused(bench.run_with({"--timeline", bench.out + "/report.json"}),
                {"--out \\(report\\.json\\) and --timeline"}, bench.out);
  check_refused({"reproduce", "--csv", file, "--markdown", file}, {"--markdown and --csv"});
}

TEST_CASE("outputs go through links and into devices") {
  const Bench bench;
  const std::string link = bench.folder / "link";
  fs::create_symlink("timeline.json", link);
  const Ended ended =
      run_capcam(bench.run_with({"--timeline", link, "--vcd", "/dev/null", "--dram-trace", "/dev/null"}));
  INFO(ended.err);
  CHECK(ended.status == 0);
  CHECK(fs::is_symlink(link));
  CHECK_THAT(read_bytes(bench.folder / "timeline.json"), ContainsSubstring("traceEvents"));
  CHECK(fs::is_character_file("/dev/null"));
}

TEST_CASE("a file that cannot be written is named as given, and no folder is left behind") {
  const Bench bench;
  for (const char* option : {"--vcd", "--timeline", "--dram-trace"}) {
    check_refused(bench.run_with({option, "/nodir/a.vcd"}), {"cannot write /nodir/a\\.vcd: No such file"}, bench.out);
    check_refused(bench.run_with({option, bench.folder.path()}), {"cannot write .*: Is a directory"}, bench.out);
  }
  check_refused({"run", "camformer", "--trace", bench.trace, "--out", bench.out + "/a/b", "--vcd", "/nodir/a.vcd"}, {},
                bench.out);
  // A folder that was there stays.
  fs::create_directory(bench.out);
  check_refused(bench.run_with({"--vcd", "/nodir/a.vcd"}), {"cannot write"});
  CHECK(fs::exists(bench.out));
}

}  // namespace capcam::testing
