// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "config/writer.h"
#include "cost/actions.h"
#include "report/circuit_text.h"
#include "report/cost_json.h"
#include "report/drawn.h"
#include "report/make_report.h"
#include "report/workload_report.h"

namespace capcam {
namespace {

using Json = nlohmann::ordered_json;

Json number(std::optional<double> value) { return value && std::isfinite(*value) ? Json(*value) : Json(nullptr); }

Json text(const std::optional<std::string>& value) { return value ? Json(*value) : Json(nullptr); }

Json trace_json(const Report::TraceInfo& trace) {
  const TraceShape& shape = trace.shape;
  return {{"path", trace.path},         {"sha256", text(trace.sha256)}, {"model", trace.model.value_or("")},
          {"layers", trace.layers},     {"batch", shape.batch},         {"heads", shape.heads},
          {"kv_heads", shape.kv_heads}, {"queries", shape.queries},     {"keys", shape.keys},
          {"head_dim", shape.head_dim}, {"value_dim", shape.value_dim}};
}

Json cycles_json(const Report& report) {
  const RunStats& stats = report.stats;
  Json stages = Json::object();
  for (const StageCycles& stage : stats.stages) {
    stages[stage.name] = {
        {"units", stage.units}, {"busy", stage.busy}, {"starved", stage.starved}, {"blocked", stage.blocked}};
  }
  const double interval = stats.steady_interval_cycles;
  return {{"total", stats.cycles},
          {"first_query_latency", stats.first_query_latency},
          {"steady_interval", interval > 0.0 ? number(interval) : Json(nullptr)},
          {"time_us", number(report.time_us)},
          {"stages", std::move(stages)}};
}

Json figures_json(const std::optional<AccuracyFigures>& figures, const StandardErrors& errors) {
  if (!figures) return nullptr;
  return {{"selection_recall", number(figures->selection_recall)},
          {"cosine", number(figures->cosine)},
          {"relative_l2", number(figures->relative_l2)},
          {"worst_head_cosine", number(figures->worst_head_cosine)},
          {"standard_error",
           {{"selection_recall", number(errors.selection_recall)},
            {"cosine", number(errors.cosine)},
            {"relative_l2", number(errors.relative_l2)}}}};
}

Json accuracy_json(const Accuracy& accuracy) {
  return {{"share", number(accuracy.share)},
          {"measured_queries", accuracy.measured_queries},
          {"exact", figures_json(accuracy.exact, accuracy.exact_error)},
          {"ideal", figures_json(accuracy.ideal, accuracy.ideal_error)},
          {"empty_queries", accuracy.empty_queries}};
}

}  // namespace

nlohmann::ordered_json report_to_json(const Report& report) {
  Json counts = Json::object();
  for (const Action& action : list_actions(report.stats.counts)) counts[action.full_name()] = action.count;
  Json json;
  json["schema"] = "capcam-report/1";
  json["config"] = config_to_json(report.config);
  json["trace"] = trace_json(report.trace);
  json["engine"] = report.engine;
  json["seed"] = report.seed;
  json["version"] = report.version;
  json["cycles"] = cycles_json(report);
  json["counts"] = std::move(counts);
  json["throughput"] = {{"head_queries_per_ms", number(report.throughput.head_queries_per_ms)},
                        {"queries_per_ms", number(report.throughput.queries_per_ms)},
                        {"steady_head_queries_per_ms", number(report.throughput.steady_head_queries_per_ms)},
                        {"steady_queries_per_ms", number(report.throughput.steady_queries_per_ms)}};
  json["energy_pj"] = energy_to_json(report.cost, report.pj_per_head_query);
  json["area_um2"] = area_to_json(report.cost);
  if (!report.drawn.empty()) json["drawn"] = drawn_json(report.drawn);
  json["power_mw"] = {{"total", number(report.power.total_mw)},
                      {"on_chip", number(report.power.on_chip_mw)},
                      {"dram", number(report.power.dram_mw)}};
  json["efficiency"] = {{"head_queries_per_mj", number(report.efficiency.head_queries_per_mj)},
                        {"queries_per_mj", number(report.efficiency.queries_per_mj)},
                        {"tops_per_w", number(report.efficiency.tops_per_w)},
                        {"tops_per_w_on_chip", number(report.efficiency.tops_per_w_on_chip)}};
  json["accuracy"] = accuracy_json(report.accuracy);
  json["circuit"] = report.circuit ? circuit_json(*report.circuit) : Json(nullptr);
  json["workload"] = report.workload ? workload_json(*report.workload) : Json(nullptr);
  json["cards"] = cards_to_json(report.cost);
  json["warnings"] = report.warnings;
  return json;
}

std::string report_json_text(const Report& report) {
  // A path or a model's name may hold any bytes.
  return report_to_json(report).dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + '\n';
}

}  // namespace capcam
