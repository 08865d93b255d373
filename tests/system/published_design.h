// The published design on synthetic traces of its own size, through the command line.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/catch.h"
#include "support/program.h"

namespace capcam::testing {

// The published workload: the keys of a head and the dimension of a query, key and value.
inline constexpr int published_keys = 1024, published_dim = 64;

// Makes a trace of that size. The values of the keys do not change cycles or energy.
inline std::string published_trace(const TemporaryFolder& folder, int heads, int queries) {
  const std::string path = folder / "published.safetensors";
  const Ended made = run_capcam({"trace", "synth", path, "--heads", std::to_string(heads), "--queries",
                                 std::to_string(queries), "--keys", std::to_string(published_keys), "--head-dim",
                                 std::to_string(published_dim), "--value-dim", std::to_string(published_dim)});
  INFO(made.err);
  REQUIRE(made.status == 0);
  return path;
}

// Returns the report of configs/camformer.toml with some keys changed.
inline nlohmann::json report_of(const std::string& trace, const std::vector<std::string>& sets = {}) {
  const Ended run = run_capcam(with_sets({"run", "camformer", "--trace", trace, "--accuracy", "0", "--json"}, sets));
  INFO(run.err);
  REQUIRE(run.status == 0);
  return nlohmann::json::parse(run.out);
}

inline nlohmann::json published_report(int heads, int queries, const std::vector<std::string>& sets = {}) {
  const TemporaryFolder folder;
  return report_of(published_trace(folder, heads, queries), sets);
}

// Returns true if `value` prints as `figure` does: it is at most half of `unit`, the last printed digit, away.
inline bool prints_as(double value, double figure, double unit) {
  constexpr double slack = 1e-9;  // a decimal figure is not exact in binary
  return std::abs(value - figure) <= unit / 2 + slack * std::abs(figure);
}

inline double head_queries_of(const nlohmann::json& report) {
  const auto& trace = report.at("trace");
  return static_cast<double>(trace.at("layers").size()) * trace.at("batch").get<double>() *
         trace.at("heads").get<double>() * trace.at("queries").get<double>();
}

inline std::uint64_t busy(const nlohmann::json& report, const char* stage) {
  return report.at("cycles").at("stages").at(stage).at("busy").get<std::uint64_t>();
}

}  // namespace capcam::testing
