// SPDX-License-Identifier: Apache-2.0
// A trace that is overwritten, replaced, cut short or removed while it is read. The program stands still while that is
// done, so that how fast the machine is decides nothing.
#include <chrono>
#include <thread>

#include "cli/refusal.h"
#include "support/sweep_files.h"
#include "trace/synthetic.h"

namespace capcam::testing {
namespace {

using namespace std::chrono_literals;

// A run of some seconds whose trace is changed when it has begun.
struct RunUnderWay {
  explicit RunUnderWay(const std::string& engine) {
    write(trace, 1);
    write(other, 2);
    program.emplace(capcam_command(
        {"run", "camformer", "--trace", trace, "--out", out, "--save-output", "--engine", engine, "--threads", "1"}));
    program->stop_when([&] { return begun(); });
  }
  static void write(const std::string& path, std::uint64_t seed) {
    SyntheticSpec spec;
    spec.heads = spec.kv_heads = 8;
    spec.queries = 512;
    spec.keys = 1024;
    spec.seed = seed;
    write_synthetic(spec, path);
  }
  bool begun() const {
    for (const std::string& name : files_in(out)) {
      if (name.starts_with("outputs.safetensors.part-")) return true;
    }
    return false;
  }

  TemporaryFolder folder;
  const std::string trace = folder / "trace.safetensors", other = folder / "other.safetensors", out = folder / "out";
  std::optional<Program> program;
};

void check_refused_without_results(RunUnderWay& run, const std::string& reason) {
  const Ended ended = run.program->go_on().wait();
  INFO(ended.err);
  CHECK(ended.status == 2);
  CHECK(ended.out == "");
  CHECK_THAT(ended.err, ContainsSubstring("trace.safetensors") && ContainsSubstring(reason));
  CHECK(files_in(run.out).empty());
}

}  // namespace

TEST_CASE("a trace that is overwritten in place while it is read gives no results") {
  for (const std::string engine : {"systemc", "fast"}) {
    RunUnderWay run(engine);
    const std::string bytes = read_bytes(run.other);
    {
      std::fstream file(run.trace, std::ios::binary | std::ios::in | std::ios::out);
      file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    }
    check_refused_without_results(run, "changed while it was read");
  }
}

TEST_CASE("a trace that is replaced by another file while it is read gives no results") {
  RunUnderWay run("systemc");
  std::filesystem::rename(run.other, run.trace);
  check_refused_without_results(run, "another file has taken its name");
}

TEST_CASE("a trace that is cut short while it is read ends the run with its name, not with a bus error") {
  for (const std::string engine : {"systemc", "fast"}) {
    RunUnderWay run(engine);
    std::filesystem::resize_file(run.trace, 4096);
    const Ended ended = run.program->go_on().wait();
    INFO(ended.err);
    CHECK(ended.status == 2);
    CHECK_THAT(ended.err, ContainsSubstring("trace.safetensors was cut short while it was read") ||
                              ContainsSubstring("changed while it was read"));
    CHECK(files_in(run.out).empty());
  }
}

TEST_CASE("a trace that is removed while it is read is still read to its end") {
  RunUnderWay run("systemc");
  std::filesystem::remove(run.trace);
  CHECK(run.program->go_on().wait().status == 0);
  CHECK(files_in(run.out) == std::vector<std::string>{"heads.csv", "outputs.safetensors", "report.json", "scores.csv"});
}

TEST_CASE("a sweep stores nothing of a trace that changed, and does those points when it is as before") {
  const SweepFiles files;
  const std::string sweep = files.sweep("[grid]\n'array.rows' = [8, 16, 24, 32]\n'top_n.n' = [4, 8, 12, 16]\n");
  RunUnderWay::write(files.trace, 1);
  const std::string other = files.folder / "other", kept = files.folder / "kept";
  RunUnderWay::write(other, 2);
  std::filesystem::copy_file(files.trace, kept);
  const std::string clean = files.folder / "clean", out = files.folder / "out";
  REQUIRE(run_capcam({"sweep", sweep, "--out", clean}).status == 0);

  Program program(capcam_command({"sweep", sweep, "--out", out, "--jobs", "1"}));
  program.stop_when([&] { return program.has_mapped(files.trace); });
  std::filesystem::copy_file(other, files.trace, std::filesystem::copy_options::overwrite_existing);
  const Ended ended = program.go_on().wait();
  INFO(ended.err);
  CHECK(ended.status == 2);
  CHECK_THAT(ended.err, ContainsSubstring("small.safetensors changed while it was read"));
  std::filesystem::copy_file(kept, files.trace, std::filesystem::copy_options::overwrite_existing);
  REQUIRE(run_capcam({"sweep", sweep, "--out", out}).status == 0);
  CHECK(run_capcam({"export", out}).out == run_capcam({"export", clean}).out);
}

}  // namespace capcam::testing
