// Other accelerators under one stated convention: dense-equivalent operations of a query of 16 heads.
// SPDX-License-Identifier: Apache-2.0
#include "studies/reproduce/camformer/camformer.h"
#include "studies/reproduce/others.h"

namespace capcam::reproduce {
namespace {

double operations_per_query(const Report& report) {
  const TraceShape& s = report.trace.shape;
  const double a_key = 2.0 * static_cast<double>(s.head_dim) + 2.0 + 2.0 * static_cast<double>(s.value_dim);
  return static_cast<double>(s.heads) * static_cast<double>(s.keys) * a_key;
}

double queries_per_ms(double gops, const Report& report) { return gops * 1e6 / operations_per_query(report); }
double queries_per_mj(double gop_per_j, const Report& report) { return gop_per_j * 1e6 / operations_per_query(report); }

OurTable accelerators(const Report& camformer, const Report& honest, const Others& others) {
  OurTable table{"accelerators", {}};
  constexpr double table_scale = 10;  // the paper's table over the release's own notebook
  const double ours_per_mj = *camformer.efficiency.queries_per_mj;
  const double honest_per_mj = *honest.efficiency.queries_per_mj;
  table.figures.push_back({"camformer_per_ms", camformer.throughput.steady_queries_per_ms, {}, {}});
  table.figures.push_back({"camformer_per_mj", ours_per_mj, {}, honest_per_mj});
  const auto rows = [&](const std::string& name, const OtherDesign& design) {
    const double per_mj = queries_per_mj(design.gop_per_j, camformer);
    table.figures.push_back({name + "_per_ms", queries_per_ms(design.gops, camformer), {}, {}});
    table.figures.push_back({name + "_per_mj", per_mj, {}, {}});
    table.figures.push_back({name + "_per_mj_in_table", per_mj, table_scale * per_mj, {}});
    table.figures.push_back({name + "_power_w", design.gops / design.gop_per_j, {}, {}});
  };
  rows("spatten", others.spatten);
  rows("a3", others.a3);
  rows("mnnfast", others.mnnfast);
  const double spatten = queries_per_mj(others.spatten.gop_per_j, camformer);
  table.figures.push_back({"over_spatten", ours_per_mj / spatten, {}, honest_per_mj / spatten});
  return table;
}

OurTable pareto(const Report& camformer, const Report& honest, const Others& others) {
  OurTable table{"pareto", {}};
  const auto of = [](const Report& report) {
    const double gops = operations_per_query(report) / static_cast<double>(report.trace.shape.heads) /
                        report.stats.steady_interval_cycles;
    const double power_w =
        report.cost.on_chip_pj.value / head_queries(report) / report.stats.steady_interval_cycles / 1e3;
    return std::pair{gops / (report.cost.area_um2.value / 1e6), gops / power_w};
  };
  const auto rows = [&](const std::string& name, const OtherDesign& design) {
    table.figures.push_back({name + "_per_mm2", design.gops / design.area_mm2, {}, {}});
    table.figures.push_back({name + "_per_w", design.gops / design.power_w, {}, {}});
  };
  rows("wse2", others.wse2);
  rows("groq", others.groq);
  rows("tpu_v4", others.tpu_v4);
  const auto [per_mm2, per_w] = of(camformer);
  const auto [honest_per_mm2, honest_per_w] = of(honest);
  const Projection& to_22 = others.to_22_nm;
  table.figures.push_back({"camformer_per_mm2", per_mm2, {}, honest_per_mm2});
  table.figures.push_back({"camformer_per_w", per_w, {}, honest_per_w});
  table.figures.push_back({"camformer_22_per_mm2", per_mm2 / to_22.area_factor, {}, {}});
  table.figures.push_back({"camformer_22_per_w", per_w * to_22.energy_of_45 / to_22.energy_of_22, {}, {}});
  // The published point takes CAMformer's area for SpAtten's.
  table.figures.push_back({"spatten_per_mm2",
                           others.spatten.gops / others.spatten.area_mm2,
                           others.spatten.gops / (camformer.cost.area_um2.value / 1e6),
                           {}});
  table.figures.push_back({"spatten_per_w", others.spatten.gop_per_j, {}, {}});
  return table;
}

}  // namespace

std::vector<OurTable> comparison_tables(Machines& machines) {
  const Others others = read_others();
  const Report& camformer = published_design(machines);
  const Report& honest = honest_design(machines);
  return {accelerators(camformer, honest, others), pareto(camformer, honest, others)};
}

}  // namespace capcam::reproduce
