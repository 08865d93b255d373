// SPDX-License-Identifier: Apache-2.0
// Wrong trace files: what is wrong, by tensor and index, from `run` and from `trace check`.
#include "cli/refusal.h"

namespace capcam::testing {
namespace {

void check_trace_refused(const std::string& bytes, const std::vector<std::string>& patterns) {
  const TemporaryFolder folder;
  const std::string trace = folder / "bad.safetensors";
  write_bytes(trace, bytes);
  check_refused({"run", "camformer", "--trace", trace, "--out", folder / "out", "--save-output"}, patterns,
                folder / "out");
  check_refused({"trace", "check", trace}, patterns);
}

constexpr float nan = std::numeric_limits<float>::quiet_NaN();
constexpr float infinity = std::numeric_limits<float>::infinity();

}  // namespace

TEST_CASE("a trace that does not exist, or is a folder or a device, is refused") {
  const TemporaryFolder folder;
  const auto run = [&](const std::string& trace) {
    return std::vector<std::string>{"run", "camformer", "--trace", trace, "--out", folder / "out"};
  };
  check_refused(run(folder / "nosuch"), {"nosuch", "No such file or directory"}, folder / "out");
  check_refused(run(folder.path().string()), {"expected a regular file, got a directory"}, folder / "out");
  check_refused(run("/dev/null"), {"expected a regular file, got a device"}, folder / "out");
  check_refused(run(""), {"No such file or directory"}, folder / "out");
  for (const char* command : {"info", "check"})
    check_refused({"trace", command, folder / "nosuch"}, {"nosuch", "No such file or directory"});
}

TEST_CASE("an empty or truncated trace is refused") {
  check_trace_refused("", {"at least the 8 bytes of the header's length, got 0"});
  const std::string good = RawTrace().bytes();
  check_trace_refused(good.substr(0, 5), {"at least the 8 bytes"});
  check_trace_refused(good.substr(0, 40), {"header length"});
  // 8 bytes short: the last 2 values of v.
  check_trace_refused(good.substr(0, good.size() - 8),
                      {"layers\\.0\\.v: data_offsets: .*96 bytes of data.*\\[80, ?104\\]"});
  check_trace_refused(std::string(200, 'x'), {"header length"});
}

TEST_CASE("a wrong dtype is refused") {
  RawTrace trace;
  trace.tensors["layers.0.k"] = {"I32", "[1,1,3,4]", 32, 80};
  check_trace_refused(trace.bytes(), {"layers\\.0\\.k.*F32, F16.*BF16.*I32"});
}

TEST_CASE("overlapping tensors are refused") {
  RawTrace trace;
  trace.tensors["layers.0.k"] = {"F32", "[1,1,3,4]", 16, 64};
  check_trace_refused(trace.bytes(), {"layers\\.0\\.(k|q).*overlap|overlap.*layers\\.0\\.(k|q)"});
}

TEST_CASE("offsets beyond the file or not of the shape's size are refused") {
  RawTrace beyond;
  beyond.tensors["layers.0.v"] = {"F32", "[1,1,3,2]", 800, 824};
  check_trace_refused(beyond.bytes(), {"layers\\.0\\.v: data_offsets"});
  RawTrace short_one;
  short_one.tensors["layers.0.v"] = {"F32", "[1,1,3,2]", 80, 100};
  check_trace_refused(short_one.bytes(), {"layers\\.0\\.v"});
}

TEST_CASE("keys wider than queries are refused") {
  RawTrace trace;
  trace.tensors["layers.0.q"] = {"F32", "[1,1,4,2]", 0, 32};
  check_trace_refused(trace.bytes(),
                      {"layers\\.0\\.k: expected head_dim 2 as in layers\\.0\\.q, got 4 \\(k is wider than q\\)"});
}

TEST_CASE("values that are no numbers are named by tensor and index") {
  RawTrace in_k;
  in_k.values[8 + 2 * 4 + 1] = nan;  // behind q: key 2, dimension 1
  check_trace_refused(in_k.bytes(), {"layers\\.0\\.k\\[0, ?0, ?2, ?1\\].*nan"});
  RawTrace everywhere;
  everywhere.values[4 + 3] = infinity;       // query 1, dimension 3
  everywhere.values[8 + 0] = nan;            // key 0, dimension 0
  everywhere.values[8 + 12 + 5] = infinity;  // value of key 2, dimension 1
  check_trace_refused(everywhere.bytes(),
                      {"layers\\.0\\.q\\[0, ?0, ?1, ?3\\].*inf", "layers\\.0\\.k\\[0, ?0, ?0, ?0\\].*nan",
                       "layers\\.0\\.v\\[0, ?0, ?2, ?1\\].*inf"});
}

TEST_CASE("missing tensors and tensors that are no part of a trace are refused") {
  RawTrace missing;
  missing.tensors.erase("layers.0.v");
  missing.tensors["layers.0.w"] = {"F32", "[1,1,3,2]", 80, 104};
  check_trace_refused(missing.bytes(), {"layers\\.0\\.v: missing", "layers\\.0\\.w: unknown tensor"});
}

TEST_CASE("wrong metadata is refused") {
  RawTrace causal;
  causal.metadata += R"(,"causal":"maybe")";
  check_trace_refused(causal.bytes(), {"causal.*true.*false.*maybe"});
  RawTrace offset;
  offset.metadata += R"(,"query_offset":"-3","window":"0")";
  check_trace_refused(offset.bytes(), {"query_offset.*-3", "window.*0"});
  RawTrace format;
  format.metadata = R"("format":"pt")";
  check_trace_refused(format.bytes(), {"format.*capcam-trace.*pt"});
}

TEST_CASE("outputs are no trace") {
  const Bench bench;
  REQUIRE(run_capcam(bench.run_with({"--save-output"})).status == 0);
  check_refused({"run", "camformer", "--trace", bench.out + "/outputs.safetensors"}, {"not a capcam trace"});
}

}  // namespace capcam::testing
