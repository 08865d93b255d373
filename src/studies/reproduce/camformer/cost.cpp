// Energy and area of every component of the published design.
// SPDX-License-Identifier: Apache-2.0
#include "studies/reproduce/camformer/camformer.h"

namespace capcam::reproduce {
namespace {

const std::vector<std::string> association = {"query_buffer", "key_sram",      "cam_array",         "converter",
                                              "score_scaler", "tile_selector", "candidate_register"};
const std::vector<std::string> normalization = {"merger", "exp_table", "softmax_divider", "softmax_accumulator",
                                                "output_buffer"};
const std::vector<std::string> contextualization = {"value_sram", "value_mac"};

std::vector<std::string> all_components() {
  std::vector<std::string> all = association;
  all.insert(all.end(), normalization.begin(), normalization.end());
  all.insert(all.end(), contextualization.begin(), contextualization.end());
  return all;
}

// The library `physical` prices the array's cells and its wires separately.
std::vector<std::string> parts_of(const std::string& component) {
  if (component == "cam_array") return {"cam_array", "search_line", "matchline"};
  return {component};
}

double per_head_query_nj(const Report& report, double pj) { return pj / head_queries(report) / 1e3; }

OurTable energy(const Report& report, const Report& honest) {
  OurTable table{"energy", {}};
  for (const std::string& component : all_components())
    table.figures.push_back({component, energy_nj(report, {component}), {}, energy_nj(honest, parts_of(component))});
  const auto total = [&](const char* id, Figure Cost::*part) {
    table.figures.push_back({id,
                             per_head_query_nj(report, (report.cost.*part).value),
                             {},
                             per_head_query_nj(honest, (honest.cost.*part).value)});
  };
  total("leakage", &Cost::leakage_pj);
  total("on_chip", &Cost::on_chip_pj);
  total("dram", &Cost::dram_pj);
  total("total", &Cost::total_pj);
  return table;
}

OurTable area(const Report& report, const Report& honest) {
  OurTable table{"area", {}};
  for (const std::string& component : all_components())
    table.figures.push_back({component, area_um2(report, {component}), {}, area_um2(honest, parts_of(component))});
  table.figures.push_back({"total", report.cost.area_um2.value, {}, honest.cost.area_um2.value});
  table.figures.push_back({"total_mm2", report.cost.area_um2.value / 1e6, {}, honest.cost.area_um2.value / 1e6});
  return table;
}

OurTable stages(const Report& report, const Report& honest) {
  OurTable table{"stages", {}};
  const auto stage = [&](const std::string& name, const std::vector<std::string>& components) {
    std::vector<std::string> parts;
    for (const std::string& component : components) {
      for (const std::string& part : parts_of(component)) parts.push_back(part);
    }
    table.figures.push_back({name + "_nj", energy_nj(report, components), {}, energy_nj(honest, parts)});
    table.figures.push_back({name + "_um2", area_um2(report, components), {}, area_um2(honest, parts)});
  };
  stage("association", association);
  stage("normalization", normalization);
  stage("contextualization", contextualization);
  return table;
}

}  // namespace

std::vector<OurTable> cost_tables(Machines& machines) {
  const Report& report = published_design(machines);
  const Report& honest = honest_design(machines);
  return {energy(report, honest), area(report, honest), stages(report, honest)};
}

}  // namespace capcam::reproduce
