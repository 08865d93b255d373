// Throughput, power and efficiency of the published design under each convention.
// SPDX-License-Identifier: Apache-2.0
#include "studies/reproduce/camformer/camformer.h"

namespace capcam::reproduce {
namespace {

// Returns the dense-equivalent operations of a head-query: scores, softmax, weighted sum.
double operations(const Report& report) {
  const TraceShape& shape = report.trace.shape;
  return static_cast<double>(shape.keys) *
         (2.0 * static_cast<double>(shape.head_dim) + 2.0 + 2.0 * static_cast<double>(shape.value_dim));
}

// Returns the value in steady state at 1 GHz.
double power_mw(const Report& report, double energy_pj) {
  const double cores = report.config.accelerator.cores;
  return cores * energy_pj / head_queries(report) / report.stats.steady_interval_cycles;
}

double gops(const Report& report) { return operations(report) / report.stats.steady_interval_cycles; }

double area_mm2(const Report& report) { return report.cost.area_um2.value / 1e6; }

OurTable efficiency(const Report& report, const Report& honest) {
  OurTable table{"efficiency", {}};
  const auto figure = [&](const char* id, const auto& of) {
    table.figures.push_back({id, of(report), {}, of(honest)});
  };
  figure("queries_per_ms", [](const Report& r) { return *r.throughput.steady_queries_per_ms; });
  figure("on_chip_mw", [](const Report& r) { return power_mw(r, r.cost.on_chip_pj.value); });
  figure("dram_mw", [](const Report& r) { return power_mw(r, r.cost.dram_pj.value); });
  figure("power_w", [](const Report& r) { return power_mw(r, r.cost.total_pj.value) / 1e3; });
  figure("operations", operations);
  figure("gops", gops);
  figure("gops_per_w", [](const Report& r) { return gops(r) / power_mw(r, r.cost.on_chip_pj.value) * 1e3; });
  figure("gops_per_mm2", [](const Report& r) { return gops(r) / area_mm2(r); });
  figure("head_queries_per_mj", [](const Report& r) { return *r.efficiency.head_queries_per_mj; });
  figure("queries_per_mj", [](const Report& r) { return *r.efficiency.queries_per_mj; });
  figure("attention_per_j", [](const Report& r) { return *r.efficiency.queries_per_mj * 1e3; });
  // The published headline applies an activity factor of 2 to the energy of one head.
  const double per_query = *report.efficiency.queries_per_mj, per_head = *report.efficiency.head_queries_per_mj;
  const std::optional<double> honest_per_query = honest.efficiency.queries_per_mj;
  table.figures.push_back({"headline_as_released", per_query, per_head / 2, honest_per_query});
  table.figures.push_back({"headline", per_query, per_head / 2, honest_per_query});
  figure("prefetch_gb_s", [](const Report& r) {
    return static_cast<double>(r.stats.counts.dram_value_bytes) / head_queries(r) / r.stats.steady_interval_cycles;
  });
  return table;
}

OurTable sixteen_cores(Machines& machines) {
  const Report& report = published_design(machines, {"accelerator.cores=16"});
  const Report& honest = honest_design(machines, {"accelerator.cores=16"});
  OurTable table{"sixteen_cores", {}};
  const auto figure = [&](const char* id, const auto& of) {
    table.figures.push_back({id, of(report), {}, of(honest)});
  };
  figure("queries_per_ms", [](const Report& r) { return *r.throughput.steady_queries_per_ms; });
  figure("area_mm2", area_mm2);
  figure("power_w", [](const Report& r) { return power_mw(r, r.cost.total_pj.value) / 1e3; });
  return table;
}

}  // namespace

std::vector<OurTable> efficiency_tables(Machines& machines) {
  return {efficiency(published_design(machines), honest_design(machines)), sixteen_cores(machines)};
}

}  // namespace capcam::reproduce
