// SPDX-License-Identifier: Apache-2.0
// Wrong trace files: `run` and `trace check` tell what is wrong, by tensor and index.
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
  for (const char* command : {"info", "check"})
    check_refused({"trace", command, folder / "nosuch"}, {"nosuch", "No such file or directory"});
}

TEST_CASE("an empty or truncated trace is refused") {
  check_trace_refused("", {"at least the 8 bytes of the header's length, got 0"});
  const std::string good = RawTrace().bytes();
  check_trace_refused(good.substr(0, 5), {"at least the 8 bytes"});
  check_trace_refused(good.substr(0, 40), {"is truncated", "bytes for the header, got 40"});
  // 8 bytes short: the last 2 values of v.
  check_trace_refused(good.substr(0, good.size() - 8),
                      {"is truncated", "expected at least " + std::to_string(good.size()) +
                                           " bytes for the tensors, got " + std::to_string(good.size() - 8)});
  check_trace_refused(std::string(200, 'x'), {"header length"});
}

TEST_CASE("a wrong dtype is refused") {
  RawTrace trace;
  trace.tensors["layers.0.k"] = {"I32", "[1,1,3,4]", 32, 80};
  check_trace_refused(trace.bytes(), {"layers\\.0\\.k: has dtype I32 and must be F32, F16 or BF16: save it"});
  RawTrace mask;
  mask.tensors["layers.0.mask"] = {"I64", "[1,3]", 104, 128};
  mask.values.resize(32);
  check_trace_refused(mask.bytes(), {"layers\\.0\\.mask: has dtype I64 and must be BOOL or U8"});
}

TEST_CASE("a file of another dtype than a trace has is not called unreadable") {
  const TemporaryFolder folder;
  RawTrace trace;
  trace.tensors["layers.0.v"] = {"F64", "[1,1,3,1]", 80, 104};
  write_bytes(folder / "t", trace.bytes());
  const Ended ended = run_capcam({"trace", "check", folder / "t"});
  CHECK_THAT(ended.err, ContainsSubstring("is not a capcam trace"));
  CHECK_THAT(ended.err, !ContainsSubstring("not a readable"));
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

TEST_CASE("what is known of a trace includes that it holds NaN or infinities") {
  const TemporaryFolder folder;
  RawTrace trace;
  trace.values[3] = nan;        // of q
  trace.values[20] = infinity;  // of v
  write_bytes(folder / "t", trace.bytes());
  const Ended text = run_capcam({"trace", "info", folder / "t"});
  CHECK(text.status == 0);
  CHECK_THAT(text.out, ContainsSubstring("layer 0 holds 2 values that are NaN or infinite"));
  CHECK_THAT(text.out, ContainsSubstring("capcam trace check " + (folder / "t").string()));
  CHECK_THAT(text.out, !ContainsSubstring("nan measured"));
  CHECK_THAT(run_capcam({"trace", "info", folder / "t", "--json"}).out, ContainsSubstring("\"non_finite\": 2"));
}

TEST_CASE("outputs are no trace") {
  const Bench bench;
  REQUIRE(run_capcam(bench.run_with({"--save-output"})).status == 0);
  check_refused({"run", "camformer", "--trace", bench.out + "/outputs.safetensors"}, {"not a capcam trace"});
}

}  // namespace capcam::testing
