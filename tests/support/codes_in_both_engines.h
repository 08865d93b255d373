// The codes that searches of a machine give, by both engines, which must agree. Each run is a process of its own, as
// SystemC elaborates once per process.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <random>
#include <vector>

#include "capcam/simulate.h"
#include "capcam/systemc/engine.h"
#include "support/catch.h"
#include "support/random_trace.h"

namespace capcam::testing {

// A row of an array: how many of its 64 cells match, and its code in units of the least significant bit.
struct SensedRow {
  std::uint32_t row = 0, matches = 0;
  double code = 0.0, ideal = 0.0;  // ideal: not rounded
  double error() const { return code - ideal; }
};

// 64 keys of 64 bits, of which 16 to 48 match the query, at random places; every query is the same.
inline Trace matching_trace(std::uint32_t queries, std::vector<std::uint32_t>& matches) {
  constexpr std::uint32_t bits = 64, keys = 64;
  std::mt19937 random(5);
  std::vector<float> values(std::size_t{queries} * bits, 1.0f);
  for (std::uint32_t key = 0; key < keys; ++key) {
    matches.push_back(16 + key * 32 / (keys - 1));
    std::vector<std::uint32_t> columns(bits);
    std::iota(columns.begin(), columns.end(), 0u);
    for (std::uint32_t i = bits - 1; i > 0; --i) std::swap(columns[i], columns[random() % (i + 1)]);
    std::vector<float> row(bits, -1.0f);
    for (std::uint32_t i = 0; i < matches.back(); ++i) row[columns[i]] = 1.0f;
    values.insert(values.end(), row.begin(), row.end());
  }
  std::size_t next = 0;
  return make_trace({1, 1, 1, queries, keys, bits, 1}, 1, [&] { return next < values.size() ? values[next++] : 0.5f; });
}

class KeepScores final : public ResultSink {
 public:
  explicit KeepScores(std::vector<std::int32_t>& scores) : scores_(scores) {}
  void take(const QueryResult& result) override {
    for (const Candidate& candidate : result.selection) scores_[result.query * 64 + candidate.key] = candidate.score;
  }

 private:
  std::vector<std::int32_t>& scores_;
};

inline std::vector<std::int32_t> scores_by(const Config& config, const Trace& trace, bool systemc) {
  std::vector<std::int32_t> scores(trace.shape.queries * 64, -1);
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const std::size_t bytes = scores.size() * sizeof scores[0];
  const pid_t child = fork();
  if (child == 0) {
    KeepScores keep(scores);
    SimulateOptions options;
    options.accuracy_share = 0.0;
    options.results = &keep;
    options.results_wanted = true;
    try {
      const std::unique_ptr<Engine> engine = systemc ? systemc_engine() : fast_engine();
      simulate(config, trace, *engine, options);
    } catch (const std::exception&) {
      _exit(1);
    }
    _exit(write(ends[1], scores.data(), bytes) == static_cast<ssize_t>(bytes) ? 0 : 1);
  }
  close(ends[1]);
  std::size_t got = 0;
  for (ssize_t some = 0; (some = read(ends[0], reinterpret_cast<char*>(scores.data()) + got, bytes - got)) > 0;)
    got += static_cast<std::size_t>(some);
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  REQUIRE(WIFEXITED(status));
  REQUIRE(WEXITSTATUS(status) == 0);
  return scores;
}

// Every key is kept. The rows of an array are taken to be 16, or all keys to lie in one array. The bytes of all queries
// fit a pipe up to about 250 queries.
inline std::vector<SensedRow> sensed_by_both_engines(Config config, std::uint32_t queries = 1) {
  config.top_n.n = 64;
  config.top_n.tile_k = 0;
  config.top_n.register_entries = 64 + config.array.rows;
  std::vector<std::uint32_t> matches;
  const Trace trace = matching_trace(queries, matches);
  const std::vector<std::int32_t> fast = scores_by(config, trace, false), systemc = scores_by(config, trace, true);
  CHECK(fast == systemc);
  std::vector<SensedRow> rows;
  for (std::size_t i = 0; i < fast.size(); ++i) {
    REQUIRE(systemc[i] >= 0);
    const std::uint32_t m = matches[i % 64];
    rows.push_back({static_cast<std::uint32_t>(i % 64 % config.array.rows), m, systemc[i] / 64.0,
                    std::ldexp(m / 64.0, static_cast<int>(config.sensing.bits))});
  }
  return rows;
}

inline double mean_error(const std::vector<SensedRow>& rows) {
  double sum = 0.0;
  for (const SensedRow& row : rows) sum += row.error() / static_cast<double>(rows.size());
  return sum;
}

inline double rms_error(const std::vector<SensedRow>& rows) {
  double squares = 0.0;
  for (const SensedRow& row : rows) squares += row.error() * row.error() / static_cast<double>(rows.size());
  return std::sqrt(squares);
}

}  // namespace capcam::testing
