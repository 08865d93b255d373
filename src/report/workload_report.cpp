// SPDX-License-Identifier: Apache-2.0
#include "report/workload_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/printable.h"
#include "report/table.h"

namespace capcam {
namespace {

using Json = nlohmann::ordered_json;

constexpr double joules_per_wh = 3600.0;

WorkloadReport::Battery battery_of(const WorkloadReport& report, const BatteryRequest& request) {
  WorkloadReport::Battery battery;
  battery.wh = request.wh;
  battery.duty = request.duty;
  const double energy_j = report.energy_uj * 1e-6;
  battery.inferences_per_wh = joules_per_wh / energy_j;
  battery.inferences = battery.inferences_per_wh * request.wh;
  const double period_s = std::max(report.budget_s.value_or(0.0), report.latency_us * 1e-6);
  battery.power_mw = energy_j / period_s * 1e3;
  battery.hours = request.wh / (battery.power_mw * 1e-3 * request.duty);
  return battery;
}

std::string figure(double value) { return fmt::format("{:.4g}", value); }

}  // namespace

std::optional<WorkloadReport> workload_report(const std::optional<WorkloadBudget>& budget,
                                              const std::optional<BatteryRequest>& battery, const TraceShape& shape,
                                              std::uint64_t layers_run, double run_us, double run_pj) {
  if (!budget && !battery) return std::nullopt;
  WorkloadReport report;
  if (budget) report.name = budget->name;
  report.layers = budget && budget->layers ? *budget->layers : layers_run;
  report.heads = budget && budget->heads ? *budget->heads : shape.heads;
  report.layers_run = layers_run;
  report.heads_run = shape.heads;
  report.sequences = shape.batch;
  const double inferences = static_cast<double>(shape.batch) *
                            (static_cast<double>(layers_run) / static_cast<double>(report.layers)) *
                            (static_cast<double>(shape.heads) / static_cast<double>(report.heads));
  report.latency_us = run_us / inferences;
  report.energy_uj = run_pj * 1e-6 / inferences;
  if (budget && budget->audio_s) report.budget_s = report.audio_s = budget->audio_s;
  if (budget && budget->tokens_per_s) {
    report.tokens_per_s = budget->tokens_per_s;
    report.tokens = shape.queries;
    report.budget_s = static_cast<double>(shape.queries) / *budget->tokens_per_s;
  }
  if (report.budget_s) report.real_time_factor = report.latency_us * 1e-6 / *report.budget_s;
  if (battery && report.energy_uj > 0.0 && report.latency_us > 0.0) report.battery = battery_of(report, *battery);
  return report;
}

nlohmann::ordered_json workload_json(const WorkloadReport& report) {
  Json json = {{"name", report.name.value_or("")},
               {"scope", "attention only"},
               {"layers", report.layers},
               {"layers_run", report.layers_run},
               {"heads", report.heads},
               {"heads_run", report.heads_run},
               {"sequences", report.sequences},
               {"latency_us", report.latency_us},
               {"energy_uj", report.energy_uj},
               {"budget", nullptr},
               {"real_time_factor", nullptr},
               {"battery", nullptr}};
  if (report.audio_s) json["budget"] = {{"seconds", *report.budget_s}, {"audio_s", *report.audio_s}};
  if (report.tokens_per_s)
    json["budget"] = {{"seconds", *report.budget_s}, {"tokens", report.tokens}, {"tokens_per_s", *report.tokens_per_s}};
  if (report.real_time_factor) json["real_time_factor"] = *report.real_time_factor;
  if (report.battery) {
    const WorkloadReport::Battery& battery = *report.battery;
    json["battery"] = {{"wh", battery.wh},
                       {"duty", battery.duty},
                       {"inferences_per_wh", battery.inferences_per_wh},
                       {"inferences", battery.inferences},
                       {"power_mw", battery.power_mw},
                       {"hours", battery.hours}};
  }
  return json;
}

std::string workload_text(const WorkloadReport& report) {
  std::string text = "\nWorkload";
  if (report.name && !report.name->empty()) text += " " + printable(*report.name);
  text += ", attention only";
  if (report.layers != report.layers_run || report.heads != report.heads_run)
    text += fmt::format("; an inference has {} layers of {} heads, the run {} of {}: scaled", report.layers,
                        report.heads, report.layers_run, report.heads_run);
  text += "\n";
  TextTable table({{"an inference"}, {"", Align::right}, {""}});
  table.row({"latency", figure(report.latency_us / 1e3), "ms"});
  table.row({"energy", figure(report.energy_uj), "uJ"});
  if (report.audio_s) {
    table.row({"audio covered", figure(*report.audio_s), "s"});
    table.row({"audio per second", figure(1.0 / *report.real_time_factor), "s"});
  }
  if (report.tokens_per_s) {
    table.row({"tokens", fmt::format("{}", report.tokens), ""});
    table.row({"tokens per second", figure(static_cast<double>(report.tokens) / (report.latency_us * 1e-6)),
               fmt::format("wanted {}", figure(*report.tokens_per_s))});
  }
  if (report.real_time_factor)
    table.row({"share of real time", figure(*report.real_time_factor),
               *report.real_time_factor <= 1.0 ? "keeps up" : "too slow"});
  if (report.battery) {
    const WorkloadReport::Battery& battery = *report.battery;
    table.rule();
    table.row({"inferences per Wh", figure(battery.inferences_per_wh), ""});
    table.row(
        {fmt::format("power at {}", report.budget_s ? "real time" : "full speed"), figure(battery.power_mw), "mW"});
    table.row({fmt::format("a battery of {} Wh lasts", figure(battery.wh)), figure(battery.hours),
               fmt::format("hours at a duty of {}", figure(battery.duty))});
  }
  return text + table.text();
}

}  // namespace capcam
