// SPDX-License-Identifier: Apache-2.0
// Decoding token by token gives the outputs of the prefill, and its cycles are a sum of named parts (docs/timing.md).
#include <algorithm>

#include "system/published_design.h"

namespace capcam::testing {
namespace {

constexpr int rows = 16, per_cycle = 4, steps = 40;
constexpr int arrays = (steps + rows - 1) / rows;
constexpr int search = 1, drain = 2 + 2 + 2 + 1;  // conversion, scaling, tile selection, register
constexpr int merge = 6, look_up = 1, divide = 3;

constexpr int ceil_div(int a, int b) { return (a + b - 1) / b; }
int keys_of_tile(int tile, int keys) { return std::clamp(keys - tile * rows, 0, rows); }

// Two candidates per tile are all kept, because there are fewer than 32.
int kept(int keys) {
  int sum = 0;
  for (int tile = 0; tile < arrays; ++tile) sum += std::min(2, keys_of_tile(tile, keys));
  return sum;
}
int after_association(int keys) { return merge + kept(keys) * (look_up + divide) + kept(keys) * 64 / 8 + 4; }

// Makes a head of `steps` steps, the first of which has one key.
std::string growing_cache(const TemporaryFolder& folder, const std::vector<std::string>& more = {}) {
  std::string path = folder / "decode.safetensors";
  std::vector<std::string> synth{"trace", "synth", path, "--keys", std::to_string(steps), "--causal"};
  synth.insert(synth.end(), more.begin(), more.end());
  const auto unless_given = [&](const char* option, int value) {
    if (std::find(more.begin(), more.end(), option) == more.end())
      synth.insert(synth.end(), {option, std::to_string(value)});
  };
  unless_given("--heads", 1);
  unless_given("--queries", steps);
  REQUIRE(run_capcam(synth).status == 0);
  return path;
}

std::vector<std::string> machine(const std::string& decode, int count) {
  return {"pipeline.decode=\"" + decode + "\"", "array.count=" + std::to_string(count), "memory.value_source=\"sram\"",
          "memory.value_sram_kib=64"};
}

std::uint64_t count_of(const nlohmann::json& report, const char* action) {
  return report.at("counts").at(action).get<std::uint64_t>();
}

}  // namespace

TEST_CASE("a step that appends its key programs one row, searches, and waits for nobody") {
  const TemporaryFolder folder;
  const nlohmann::json report = report_of(growing_cache(folder), machine("append", arrays));
  std::uint64_t cycles = 0, searches = 0;
  for (int keys = 1; keys <= steps; ++keys) {
    cycles += 1 + search + drain + after_association(keys);
    searches += ceil_div(keys, rows);
  }
  CHECK(report.at("cycles").at("total") == cycles);
  CHECK(count_of(report, "cam_array.program") == steps);  // one row per step
  CHECK(count_of(report, "key_sram.read") == steps);
  CHECK(count_of(report, "cam_array.search") == searches);
  CHECK(count_of(report, "converter.convert") == steps * (steps + 1) / 2);  // the keys that exist, step by step
}

TEST_CASE("interleaved keys of a growing cache stay where they are: a step programs one row") {
  const TemporaryFolder folder;
  std::vector<std::string> interleaved = machine("append", arrays);
  interleaved.push_back("array.interleave=" + std::to_string(arrays));
  const std::string trace = growing_cache(folder);
  const nlohmann::json report = report_of(trace, interleaved);
  std::uint64_t cycles = 0, searches = 0;
  for (int keys = 1; keys <= steps; ++keys) {
    const int candidates = std::min(keys, 2 * arrays);  // two of every tile, and the keys are dealt out one by one
    cycles += 1 + search + drain + merge + candidates * (look_up + divide) + candidates * 64 / 8 + 4;
    searches += std::min(keys, arrays);
  }
  CHECK(report.at("cycles").at("total") == cycles);
  CHECK(count_of(report, "cam_array.program") == steps);
  CHECK(count_of(report, "cam_array.write_row") == steps);
  CHECK(count_of(report, "cam_array.search") == searches);
  CHECK(count_of(report, "converter.convert") == steps * (steps + 1) / 2);
  interleaved.front() = "pipeline.decode=\"reprogram\"";
  std::uint64_t writes = 0;
  for (int keys = 1; keys <= steps; ++keys) {
    for (int tile = 0; tile < arrays; ++tile) writes += ceil_div(ceil_div(keys - tile, arrays), per_cycle);
  }
  CHECK(count_of(report_of(trace, interleaved), "cam_array.program") == writes);
}

TEST_CASE("a step that reprograms writes every key again, the arrays side by side") {
  const TemporaryFolder folder;
  const nlohmann::json report = report_of(growing_cache(folder), machine("reprogram", arrays));
  std::uint64_t cycles = 0, writes = 0;
  for (int keys = 1; keys <= steps; ++keys) {
    cycles += ceil_div(std::min(keys, rows), per_cycle) + search + drain + after_association(keys);
    for (int tile = 0; tile < arrays; ++tile) writes += ceil_div(keys_of_tile(tile, keys), per_cycle);
  }
  CHECK(report.at("cycles").at("total") == cycles);
  CHECK(count_of(report, "cam_array.program") == writes);
}

TEST_CASE("one array programs and searches tile after tile whether keys are appended or not") {
  const TemporaryFolder folder;
  const std::string trace = growing_cache(folder);
  std::uint64_t cycles = 0;
  for (int keys = 1; keys <= steps; ++keys) {
    for (int tile = 0; keys_of_tile(tile, keys) > 0; ++tile)
      cycles += ceil_div(keys_of_tile(tile, keys), per_cycle) + search;
    cycles += drain + after_association(keys);
  }
  CHECK(report_of(trace, machine("append", 1)).at("cycles").at("total") == cycles);
  CHECK(report_of(trace, machine("reprogram", 1)).at("cycles").at("total") == cycles);
}

TEST_CASE("after a prompt the first step writes the prompt's keys and its own") {
  const TemporaryFolder folder;
  constexpr int prompt = 30, generated = 10;
  const std::string trace =
      growing_cache(folder, {"--queries", std::to_string(generated), "--query-offset", std::to_string(prompt)});
  const nlohmann::json report = report_of(trace, machine("append", arrays));
  // 31 keys are written in two tiles, then one row per step.
  CHECK(count_of(report, "cam_array.program") == 16 / per_cycle + ceil_div(15, per_cycle) + (generated - 1));
}

TEST_CASE("a decoder's cross-attention programs the encoder's keys once") {
  const TemporaryFolder folder;
  const std::string trace = folder / "cross.safetensors";
  REQUIRE(run_capcam({"trace", "synth", trace, "--heads", "1", "--queries", "10", "--keys", "40"}).status == 0);
  const nlohmann::json report = report_of(trace, machine("append", arrays));
  CHECK(count_of(report, "cam_array.program") == 4 + 4 + 2);  // 16 + 16 + 8 keys
  CHECK(report.at("cycles").at("total") == 4 + 10 * (search + drain + after_association(40)));
}

TEST_CASE("decoding tokens one by one computes what the causal prefill of the same tokens does") {
  const TemporaryFolder folder;
  for (const std::vector<std::string>& shape : {std::vector<std::string>{},
                                                {"--window", "9"},
                                                {"--heads", "6", "--kv-heads", "2", "--layers", "2"},
                                                {"--batch", "3", "--padding", "20"}}) {
    const std::string trace = growing_cache(folder, shape);
    const auto outputs = [&](const std::string& engine, const std::string& decode, int count, int interleave) {
      const std::string out = folder / (engine + decode + std::to_string(count) + "-" + std::to_string(interleave));
      std::vector<std::string> sets = machine(decode, count);
      sets.push_back("array.interleave=" + std::to_string(interleave));
      const Ended run = run_capcam(with_sets(
          {"run", "camformer", "--trace", trace, "--engine", engine, "--accuracy", "0", "--save-output", "--out", out},
          sets));
      INFO(run.err);
      REQUIRE(run.status == 0);
      return read_bytes(out + "/outputs.safetensors");
    };
    for (const int interleave : {1, arrays}) {
      const std::string prefill = outputs("systemc", "off", 1, interleave);
      for (const char* engine : {"systemc", "fast"}) {
        for (const char* decode : {"append", "reprogram"}) {
          CHECK((outputs(engine, decode, arrays, interleave) == prefill));
          CHECK((outputs(engine, decode, 1, interleave) == prefill));
        }
      }
    }
  }
}

TEST_CASE("a query cannot share a tile's programming with one that waits for its output") {
  const TemporaryFolder folder;
  const Ended run =
      run_capcam({"check", "camformer", "--set", "pipeline.decode=append", "--set", "array.queries_per_program=4"});
  CHECK(run.status == 2);
  CHECK_THAT(run.err, ContainsSubstring("array.queries_per_program (4)") && ContainsSubstring("set it to 1"));
}

}  // namespace capcam::testing
