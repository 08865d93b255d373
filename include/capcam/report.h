// Everything a run tells its user, as values; and the three forms it is written in: JSON, CSV, text.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "capcam/accuracy.h"
#include "capcam/config.h"
#include "capcam/cost.h"
#include "capcam/run_stats.h"
#include "capcam/trace.h"
#include "capcam/workload_report.h"

namespace capcam {

// An absent figure has no value in this run: no time passed, nothing was spent, or no steady state was reached.
struct Report {
  struct TraceInfo {
    std::string path;
    std::optional<std::string> sha256;  // of the file, if it is one
    std::string model;
    std::vector<std::uint32_t> layers;  // their numbers in the trace
    TraceShape shape;
  };
  struct Throughput {  // a query is all heads of a layer
    std::optional<double> head_queries_per_ms;
    std::optional<double> queries_per_ms;
    std::optional<double> steady_head_queries_per_ms;  // of all cores that have work, pipelines full
    std::optional<double> steady_queries_per_ms;
  };
  struct Power {  // energy over the time of the run
    std::optional<double> total_mw;
    std::optional<double> on_chip_mw;
    std::optional<double> dram_mw;
  };
  // Operations are those of dense attention, 2 a multiply-accumulate: 2 D + 2 + 2 Dv for every key of a head-query.
  struct Efficiency {
    std::optional<double> head_queries_per_mj;
    std::optional<double> queries_per_mj;
    std::optional<double> tops_per_w;
    std::optional<double> tops_per_w_on_chip;
  };

  Config config;  // resolved, every key
  TraceInfo trace;
  std::string engine;
  std::uint64_t seed = 0;
  std::string version;
  RunStats stats;
  double time_us = 0.0;
  Throughput throughput;
  Cost cost;
  std::optional<double> pj_per_head_query;
  Power power;
  Efficiency efficiency;
  Accuracy accuracy;
  std::optional<WorkloadReport> workload;  // if the trace or the user says what is wanted
  std::vector<std::string> warnings;       // of the run, then of the cards
};

std::string_view report_version();  // of capcam, as in every report

// JSON, schema "capcam-report/1": indented, ends with a newline, always valid UTF-8. Numbers read back to the same
// double; what has no value is null.
std::string report_json_text(const Report& report);

// What an architect pastes into a paper.
std::string report_table(const Report& report);

// One line a head: where and when it ran, and its accuracy (empty cells: not measured).
std::string heads_csv(const Report& report);

// One line a layer and number of matching bits: how many of the measured queries' valid keys and kept keys have it, and
// the sensing error of the kept ones (sensed score minus matching bits, in matches). Kept keys only: an error that
// raises a score also helps the key to be kept.
std::string scores_csv(const Report& report);

// report.json, heads.csv and, with accuracy measured, scores.csv: all of them or, on InputError, none, and then what was
// there before stays. report.json last, so that its presence means all is there.
void write_report(const std::filesystem::path& folder, const Report& report);

}  // namespace capcam
