// All that a run tells its user, as values, and the three forms in which it is written: JSON, CSV, text.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "capcam/accuracy.h"
#include "capcam/circuit_figures.h"
#include "capcam/config.h"
#include "capcam/cost.h"
#include "capcam/drawn.h"
#include "capcam/run_stats.h"
#include "capcam/trace.h"
#include "capcam/workload_report.h"

namespace capcam {

// A figure is absent if it has no value in this run: no time passed, nothing was spent, or no steady state was reached.
struct Report {
  struct TraceInfo {
    std::string path;
    std::optional<std::string> sha256;  // SHA-256 of the file; absent if the trace is no file
    std::optional<std::string> model;   // absent if the trace does not state it
    std::vector<std::uint32_t> layers;  // the layers' numbers in the trace
    TraceShape shape;
  };
  struct Throughput {  // a query is all heads of a layer
    std::optional<double> head_queries_per_ms;
    std::optional<double> queries_per_ms;
    std::optional<double> steady_head_queries_per_ms;  // all cores that have work, with full pipelines
    std::optional<double> steady_queries_per_ms;
  };
  struct Power {  // energy over the time of the run
    std::optional<double> total_mw;
    std::optional<double> on_chip_mw;
    std::optional<double> dram_mw;
  };
  // Operations are those of dense attention, 2 per multiply-accumulate: 2 D + 2 + 2 Dv per key of a head-query.
  struct Efficiency {
    std::optional<double> head_queries_per_mj;
    std::optional<double> queries_per_mj;
    std::optional<double> tops_per_w;
    std::optional<double> tops_per_w_on_chip;
  };

  Config config;                          // resolved, with every key
  std::optional<CircuitFigures> circuit;  // absent for ideal converters
  TraceInfo trace;
  std::string engine;
  std::uint64_t seed = 0;
  std::string version;
  RunStats stats;
  double time_us = 0.0;
  Throughput throughput;
  Cost cost;
  std::vector<DrawnFigure> drawn;  // empty unless asked for, and priced by unit cards
  std::optional<double> pj_per_head_query;
  Power power;
  Efficiency efficiency;
  Accuracy accuracy;
  std::optional<WorkloadReport> workload;  // present if the trace names a workload or the user a battery
  std::vector<std::string> warnings;       // warnings of the run, then of the cards
};

std::string_view report_version();  // the version of capcam, as in every report

// Returns JSON of schema "capcam-report/1". It is indented, ends with a newline and is always valid UTF-8. Numbers read
// back to the same double; a figure without a value is null.
std::string report_json_text(const Report& report);

// Returns the text that `capcam run` prints.
std::string report_table(const Report& report);

// Writes one line per head: where and when it ran, and its accuracy. Cells are empty if accuracy was not measured.
std::string heads_csv(const Report& report);

// Writes one line per layer and number of matching bits: how many valid keys and kept keys of the measured queries have
// it, and the sensing error of the kept keys (sensed score minus matching bits, in matches). The error is that of kept
// keys only, so it is biased: an error that raises a score also helps the key to be kept.
std::string scores_csv(const Report& report);

// Writes report.json, heads.csv and, with accuracy measured, scores.csv: all of them or, on InputError, none, and then
// what was there before stays. report.json appears last, so that its presence means all is there.
void write_report(const std::filesystem::path& folder, const Report& report);

}  // namespace capcam
