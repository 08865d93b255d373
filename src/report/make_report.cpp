// SPDX-License-Identifier: Apache-2.0
#include "report/make_report.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "cost/price.h"
#include "trace/safetensors.h"

namespace capcam {
namespace {

std::optional<double> ratio(double part, double whole) {
  const double value = part / whole;
  return std::isfinite(value) && whole > 0.0 ? std::optional(value) : std::nullopt;
}

std::optional<double> times(std::optional<double> value, double factor) {
  return value ? std::optional(*value * factor) : std::nullopt;
}

double dense_operations_per_head_query(const TraceShape& shape) {
  return static_cast<double>(shape.keys) *
         (2.0 * static_cast<double>(shape.head_dim) + 2.0 + 2.0 * static_cast<double>(shape.value_dim));
}

}  // namespace

std::string_view report_version() { return CAPCAM_VERSION; }

Report::TraceInfo trace_info(const Trace& trace) {
  Report::TraceInfo info;
  info.path = trace.path.string();
  if (trace.file) info.sha256 = sha256_hex(trace.file->bytes());
  info.model = trace.model;
  info.shape = trace.shape;
  for (const TraceLayer& layer : trace.layers) info.layers.push_back(layer.index);
  return info;
}

Report make_report(const Config& config, const Report::TraceInfo& trace, RunStats stats, Cost cost,
                   const Accuracy& accuracy, std::string_view engine, std::uint64_t seed) {
  check_conservation(stats);
  check_cost(cost);
  Report report;
  report.config = config;
  report.trace = trace;
  report.engine = engine;
  report.seed = seed;
  report.version = report_version();
  report.accuracy = accuracy;
  report.accuracy.empty_queries = 0;  // is known whether or not outputs were looked at
  for (const HeadStats& head : stats.heads) report.accuracy.empty_queries += head.empty_queries;
  report.warnings = stats.warnings;
  report.warnings.insert(report.warnings.end(), cost.notes.begin(), cost.notes.end());

  const double frequency_ghz = config.clock.frequency_ghz;
  const double time_ns = static_cast<double>(stats.cycles) / frequency_ghz;
  const auto head_queries = static_cast<double>(stats.head_queries);
  const auto heads_per_layer = static_cast<double>(trace.shape.heads);
  report.time_us = time_ns / 1e3;

  Report::Throughput& throughput = report.throughput;
  throughput.head_queries_per_ms = ratio(head_queries * 1e6, time_ns);
  throughput.queries_per_ms = times(throughput.head_queries_per_ms, 1.0 / heads_per_layer);
  const auto working_cores = static_cast<double>(std::min<std::size_t>(config.accelerator.cores, stats.heads.size()));
  throughput.steady_head_queries_per_ms = ratio(working_cores * 1e6 * frequency_ghz, stats.steady_interval_cycles);
  throughput.steady_queries_per_ms = times(throughput.steady_head_queries_per_ms, 1.0 / heads_per_layer);

  report.power.total_mw = ratio(cost.total_pj.value, time_ns);  // pJ / ns = mW
  report.power.on_chip_mw = ratio(cost.on_chip_pj.value, time_ns);
  report.power.dram_mw = ratio(cost.dram_pj.value, time_ns);

  const double operations = head_queries * dense_operations_per_head_query(trace.shape);
  report.efficiency.head_queries_per_mj = ratio(head_queries * 1e9, cost.total_pj.value);
  report.efficiency.queries_per_mj = times(report.efficiency.head_queries_per_mj, 1.0 / heads_per_layer);
  report.efficiency.tops_per_w = ratio(operations, cost.total_pj.value);  // operations / pJ = Tera-operations / J
  report.efficiency.tops_per_w_on_chip = ratio(operations, cost.on_chip_pj.value);
  report.pj_per_head_query = ratio(cost.total_pj.value, head_queries);

  report.stats = std::move(stats);
  report.cost = std::move(cost);
  return report;
}

}  // namespace capcam
