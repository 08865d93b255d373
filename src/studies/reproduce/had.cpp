// SPDX-License-Identifier: Apache-2.0
#include "studies/reproduce/had.h"

#include <fmt/format.h>

#include <algorithm>

#include "capcam/error.h"
#include "capcam/read_config.h"
#include "studies/compare/compare.h"

namespace capcam::reproduce {
namespace {

constexpr Size all_heads{1, 2, 1024, 1024};  // one head stands for all, concatenated, as in the early tables

OurFigure with_interval(const std::string& id, const Figure& r) {
  const Figure percent = 100.0 * r;
  return {id, percent.value, {}, {}, percent};
}

baseline::Comparison against_dense(Machines& machines, baseline::KeyFormat format, const std::string& config,
                                   const std::vector<std::string>& sets, const Size& size) {
  std::vector<std::string> all{"cost.library=physical"};
  all.insert(all.end(), sets.begin(), sets.end());
  baseline::CompareRequest request;
  request.config = read_config(resolve_config_path(config), all);
  request.format = format;
  request.accuracy_share = 0.0;
  return baseline::compare(request, open_trace(machines.trace(size)), [] { return false; });
}

OurTable reductions(Machines& machines) {
  OurTable table{"reduction", {}};
  const auto rows = [&](const std::string& name, const baseline::Comparison& c) {
    table.figures.push_back(with_interval(name + "_area", c.area));
    table.figures.push_back(with_interval(name + "_power", c.on_chip_power));
  };
  const std::vector<std::string> had_selection{"top_n.n=30", "top_n.tile_k=3"};
  const Size bert{16, 4, 1024, 64};
  rows("bf16", against_dense(machines, baseline::KeyFormat::bf16, "camformer", had_selection, bert));
  rows("int8", against_dense(machines, baseline::KeyFormat::int8, "camformer", had_selection, bert));
  rows("early",
       against_dense(machines, baseline::KeyFormat::bf16, "had", {"cost.node_nm=65", "cost.supply_v=1.0"}, all_heads));
  return table;
}

// The early design with arrays of `cells` x `cells`. The register holds three candidates of every tile.
std::vector<std::string> early(std::uint32_t cells, std::uint32_t bits) {
  const std::uint32_t tiles = (1024 + cells - 1) / cells, candidates = std::max(33u, 3 * tiles);
  return {fmt::format("array.rows={}", cells),
          fmt::format("array.columns={}", cells),
          fmt::format("array.program_rows_per_cycle={}", cells),
          fmt::format("sensing.bits={}", bits),
          fmt::format("top_n.register_entries={}", candidates),
          "cost.library=physical",
          "cost.node_nm=65",
          "cost.supply_v=1.0"};
}

// Returns the area with a value SRAM as large as the key SRAM, which is what the table assumes.
double area_with_small_values_mm2(const Report& report, std::vector<std::string> sets) {
  sets.emplace_back("memory.value_sram_kib=128");
  const Config config = read_config(resolve_config_path("had"), sets);
  return price({}, config, read_cards(config), &report.trace.shape).area_um2.value / 1e6;
}

OurTable early_tables(Machines& machines) {
  OurTable table{"early", {}};
  struct Design {
    std::uint32_t cells, bits;
  };
  for (const Design& design : {Design{32, 9}, {64, 10}, {96, 11}, {128, 11}}) {
    const std::vector<std::string> sets = early(design.cells, design.bits);
    const Report& report = machines.run("had", sets, all_heads);
    const double per_us = 1e3 * report.config.clock.frequency_ghz;
    const double latency_us = static_cast<double>(report.stats.first_query_latency) / per_us;
    const auto scaled = [](const Figure& figure, double over) {
      return Figure{figure.value / over / 1e6, figure.low / over / 1e6, figure.high / over / 1e6};
    };
    const Figure area_mm2 = scaled(report.cost.area_um2, 1.0);
    const Figure power_w = scaled(report.cost.on_chip_pj, report.time_us);  // pJ / us = uW
    const std::string id = fmt::format("cells_{}", design.cells);
    table.figures.push_back({id + "_area", area_mm2.value, area_with_small_values_mm2(report, sets), {}, area_mm2});
    table.figures.push_back({id + "_power", power_w.value, {}, {}, power_w});
    table.figures.push_back({id + "_latency", latency_us, {}, {}});
  }
  return table;
}

OurTable cycles_of_96(Machines& machines) {
  const Report& report = machines.run("had", early(96, 11), {1, 1, 1024, 1024});
  const auto busy = [&](std::string_view name) {
    const auto found = std::find_if(report.stats.stages.begin(), report.stats.stages.end(),
                                    [&](const StageCycles& stage) { return stage.name == name; });
    if (found == report.stats.stages.end()) throw LawBroken("reproduce: no stage " + std::string(name));
    return static_cast<double>(found->busy);
  };
  const double n = report.config.top_n.n;
  return {"cycles",
          {{"n", n, {}, {}},
           {"merge", busy("merge"), {}, {}},
           {"softmax", busy("softmax"), {}, {}},
           {"values", busy("contextualization"), {}, {}},
           {"query", static_cast<double>(report.stats.first_query_latency), {}, {}}}};
}

}  // namespace

std::vector<OurTable> had_tables(Machines& machines) {
  const OurTable accuracy{"accuracy", {{"glue", {}, {}, {}}, {"deit_b", {}, {}, {}}, {"deit_t", {}, {}, {}}}};
  return {reductions(machines), early_tables(machines), cycles_of_96(machines), accuracy};
}

}  // namespace capcam::reproduce
