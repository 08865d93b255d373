// Amortised programming, and the published sensitivity table with its counting habits.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "capcam/error.h"
#include "capcam/read_config.h"
#include "cost/cards/library.h"
#include "cost/price.h"
#include "studies/reproduce/camformer/camformer.h"
#include "studies/selection/expected.h"
#include "studies/selection/study.h"
#include "workload/workload.h"

namespace capcam::reproduce {
namespace {

// The published sweep counts three merges and two write-backs whatever the number of tiles, and three uses of the
// output buffer per kept key. Its numbers of uses replace the machine's here and are priced by the same cards.
double nj_with_sweep_habits(const Report& report, const std::vector<std::string>& sets) {
  constexpr std::uint64_t merges = 3, write_backs = 2;
  const Config config = read_config(resolve_config_path("camformer"), sets);
  const auto queries = report.stats.head_queries;
  RunStats stats = report.stats;
  ActionCounts& counts = stats.counts;
  counts.merger_merge = merges * queries;
  counts.candidate_register_write = counts.tile_selector_select + write_backs * queries;
  counts.output_buffer_write = 2 * std::uint64_t{config.top_n.n} * queries;
  counts.output_buffer_read = std::uint64_t{config.top_n.n} * queries;
  const Cost cost = price(stats, config, read_cards(config), &report.trace.shape);
  return cost.total_pj.value / head_queries(report) / 1e3;
}

// Measures recall by key with random keys and queries, as the estimate assumes (which has no ties, however).
double measured_recall(Machines& machines, const std::vector<std::string>& sets) {
  const Config config = read_config(resolve_config_path("camformer"), sets);
  const Trace trace = open_trace(machines.trace({4, 64, 1024, 64}));
  const Workload workload(trace, config);
  const SelectionGrid grid{{config.array.rows}, {config.array.interleave}, {config.top_n.tile_k}, {config.top_n.n}};
  return study_selection(workload, config, grid, [](std::uint32_t) { return false; }).figures.front().by_key;
}

void sensitivity_rows(Machines& machines, const std::string& id, const std::vector<std::string>& sets,
                      OurTable& table) {
  const Report& report = published_design(machines, sets);
  const Config config = read_config(resolve_config_path("camformer"), sets);
  const double as_published = 1e6 / (2 * nj_with_sweep_habits(report, sets));
  const double expected = expected_recall(1024, config.array.rows, config.top_n.tile_k, config.top_n.n);
  const Report& honest = honest_design(machines, sets);
  table.figures.push_back({id + "_queries_per_ms", report.throughput.steady_queries_per_ms, {}, {}});
  table.figures.push_back({id + "_queries_per_mj", *report.efficiency.head_queries_per_mj / 2, as_published,
                           *honest.efficiency.queries_per_mj});
  table.figures.push_back({id + "_area_mm2", report.cost.area_um2.value / 1e6, {}, honest.cost.area_um2.value / 1e6});
  table.figures.push_back({id + "_recall", 100.0 * expected, {}, 100.0 * measured_recall(machines, sets)});
}

OurTable amortisation(Machines& machines) {
  OurTable table{"amortisation", {}};
  const auto pj_per_cell = [&](double energy_pj, double searches, const Report& report) {
    const Config config = read_config(resolve_config_path("camformer"));
    const CardLibrary cards = read_cards(config);
    const Card* card = cards.find("cam_array");
    return energy_pj / card->normalized.energy_factor() / searches /
           (report.config.array.rows * report.config.array.columns);
  };
  const auto array_of = [](const Report& report) -> const ComponentCost& {
    for (const ComponentCost& component : report.cost.components) {
      if (component.name == "cam_array") return component;
    }
    throw LawBroken("reproduce: no cam_array");
  };
  for (const int m : {1, 2, 32}) {
    const Report& report = machines.run(
        "camformer", {fmt::format("array.queries_per_program={}", m), "memory.value_sram_kib=512"}, {1, 32, 1024, 64});
    const double searches = static_cast<double>(report.stats.counts.cam_array_search);
    table.figures.push_back(
        {fmt::format("m_{}", m), pj_per_cell(array_of(report).energy_pj.value, searches, report), {}, {}});
  }
  const Report& report = published_design(machines);
  for (const ActionCost& action : array_of(report).actions) {
    if (action.name == "search")
      table.figures.push_back(
          {"search_only", pj_per_cell(action.energy_pj.value, static_cast<double>(action.count), report), {}, {}});
  }
  return table;
}

}  // namespace

std::vector<OurTable> sensitivity_tables(Machines& machines) {
  OurTable sensitivity{"sensitivity", {}};
  sensitivity_rows(machines, "n_16", {"top_n.n=16"}, sensitivity);
  sensitivity_rows(machines, "n_32", {}, sensitivity);
  sensitivity_rows(machines, "rows_32", {"array.rows=32"}, sensitivity);
  OurTable recall{"recall", {}};
  for (const std::uint32_t tile_k : {1u, 4u})
    recall.figures.push_back({fmt::format("tile_k_{}", tile_k),
                              100.0 * expected_recall(1024, 16, tile_k, 32),
                              {},
                              100.0 * measured_recall(machines, {fmt::format("top_n.tile_k={}", tile_k)})});
  return {amortisation(machines), sensitivity, recall};
}

}  // namespace capcam::reproduce
