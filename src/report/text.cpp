// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "capcam/report.h"
#include "core/printable.h"
#include "report/provenance.h"
#include "report/table.h"
#include "report/workload_report.h"

namespace capcam {
namespace {

std::string share_text(double part, double whole) {
  return whole > 0.0 ? fmt::format("{:.1f} %", 100.0 * part / whole) : "-";
}

std::string figure(std::optional<double> value, int digits) {
  return value ? fmt::format("{:.{}f}", *value, digits) : "-";
}

std::string nanojoules(double energy_pj) { return fmt::format("{:.4f}", energy_pj / 1e3); }

std::string heading_text(const Report& report) {
  const TraceShape& shape = report.trace.shape;
  std::string text = fmt::format("capcam {}, engine {}, seed {}\n", report.version, report.engine, report.seed);
  text += fmt::format("trace {}{}\n", printable(report.trace.path, 200),
                      report.trace.model ? " of " + printable(*report.trace.model) : "");
  text +=
      fmt::format("  {} layer{} x {} sequence{} x {} head{} ({} key/value), {} queries, {} keys, dimension {} / {}\n",
                  report.trace.layers.size(), report.trace.layers.size() == 1 ? "" : "s", shape.batch,
                  shape.batch == 1 ? "" : "s", shape.heads, shape.heads == 1 ? "" : "s", shape.kv_heads, shape.queries,
                  shape.keys, shape.head_dim, shape.value_dim);
  return text;
}

// Returns the coarse stage that is busy for the largest share of its time; it holds the others up.
std::size_t bottleneck_of(const std::vector<StageCycles>& stages) {
  const auto busy_share = [](const StageCycles& s) {
    return static_cast<double>(s.busy) / static_cast<double>(s.units);
  };
  const std::size_t coarse = std::min<std::size_t>(3, stages.size());
  std::size_t best = 0;
  for (std::size_t i = 1; i < coarse; ++i) {
    if (busy_share(stages[i]) > busy_share(stages[best])) best = i;
  }
  return best;
}

std::string stages_text(const Report& report) {
  const RunStats& stats = report.stats;
  TextTable table({{"stage"},
                   {"units", Align::right},
                   {"busy", Align::right},
                   {"starved", Align::right},
                   {"blocked", Align::right},
                   {""}});
  const std::size_t bottleneck = bottleneck_of(stats.stages);
  for (std::size_t i = 0; i < stats.stages.size(); ++i) {
    const StageCycles& stage = stats.stages[i];
    const double all = static_cast<double>(stats.cycles) * stage.units;
    if (i == 3) table.rule();  // the coarse stages come first, then the units they are made of
    table.row({stage.name, fmt::format("{}", stage.units), share_text(static_cast<double>(stage.busy), all),
               share_text(static_cast<double>(stage.starved), all), share_text(static_cast<double>(stage.blocked), all),
               i == bottleneck && stage.busy > 0 ? "<- bottleneck" : ""});
  }
  return fmt::format("\nCycles: {} ({:.3f} us), first query {}\n", stats.cycles, report.time_us,
                     stats.first_query_latency) +
         table.text();
}

std::string throughput_text(const Report& report) {
  TextTable table({{"throughput"}, {"run", Align::right}, {"steady state", Align::right}});
  const Report::Throughput& t = report.throughput;
  table.row({"head-queries/ms", figure(t.head_queries_per_ms, 2), figure(t.steady_head_queries_per_ms, 2)});
  table.row({fmt::format("queries/ms (all {} heads of a layer)", report.trace.shape.heads), figure(t.queries_per_ms, 2),
             figure(t.steady_queries_per_ms, 2)});
  return "\n" + table.text();
}

std::string energy_text(const Report& report) {
  const Cost& cost = report.cost;
  TextTable table({{"component"},
                   {"units", Align::right},
                   {"energy nJ", Align::right},
                   {"pJ/head-query", Align::right},
                   {"on chip", Align::right},
                   {"area um^2", Align::right},
                   {"area", Align::right}});
  const auto head_queries = static_cast<double>(report.stats.head_queries);
  const auto per_query = [&](double energy_pj) {
    return head_queries > 0.0 ? fmt::format("{:.2f}", energy_pj / head_queries) : "-";
  };
  for (const ComponentCost& component : cost.components) {
    table.row({component.name, fmt::format("{}", component.instances), nanojoules(component.energy_pj.value),
               per_query(component.energy_pj.value), share_text(component.energy_pj.value, cost.on_chip_pj.value),
               fmt::format("{:.1f}", component.area_um2.value),
               share_text(component.area_um2.value, cost.area_um2.value)});
  }
  table.row({"leakage", "", nanojoules(cost.leakage_pj.value), per_query(cost.leakage_pj.value),
             share_text(cost.leakage_pj.value, cost.on_chip_pj.value)});
  table.rule();
  table.row({"on chip", "", nanojoules(cost.on_chip_pj.value), per_query(cost.on_chip_pj.value), "",
             fmt::format("{:.1f}", cost.area_um2.value)});
  table.row({fmt::format("dram ({}, {:.3g} pJ/bit)", cost.dram.cards.front().card, cost.dram_pj_per_bit), "",
             nanojoules(cost.dram_pj.value), per_query(cost.dram_pj.value)});
  table.row({"total", "", nanojoules(cost.total_pj.value), per_query(cost.total_pj.value)});
  if (cost.total_pj != Figure::exactly(cost.total_pj.value)) {
    const auto ends = [](const Figure& f, double unit) {
      return fmt::format("{:.1f} .. {:.1f}", f.low / unit, f.high / unit);
    };
    table.row({"total, where sources disagree", "", ends(cost.total_pj, 1e3),
               head_queries > 0.0 ? ends(cost.total_pj, head_queries) : "-", "", ends(cost.area_um2, 1.0)});
  }

  TextTable figures({{"over the run"}, {"total", Align::right}, {"on chip", Align::right}, {"dram", Align::right}});
  const Report::Efficiency& e = report.efficiency;
  figures.row({"power mW", figure(report.power.total_mw, 2), figure(report.power.on_chip_mw, 2),
               figure(report.power.dram_mw, 2)});
  figures.row({"head-queries/mJ", figure(e.head_queries_per_mj, 0)});
  figures.row({"queries/mJ", figure(e.queries_per_mj, 0)});
  figures.row({"TOPS/W (dense-equivalent)", figure(e.tops_per_w, 3), figure(e.tops_per_w_on_chip, 3)});
  return fmt::format("\nEnergy and area by {} ({:.6f} mm^2; leakage {})\n", cost.library, cost.area_um2.value / 1e6,
                     cost.leakage_note.empty() ? "as listed" : cost.leakage_note) +
         table.text() + "\n" + figures.text();
}

std::string accuracy_text(const Report& report) {
  const Accuracy& accuracy = report.accuracy;
  if (!accuracy.exact || !accuracy.ideal) {
    const char* why = accuracy.share > 0.0 ? " (no query that the share picks has a valid key)" : "";
    return fmt::format("\nAccuracy: not measured{}; {} queries without a valid key\n", why, accuracy.empty_queries);
  }
  TextTable table({{""}, {"exact", Align::right}, {"ideal", Align::right}});
  const bool sampled = accuracy.measured_queries + accuracy.empty_queries < report.stats.head_queries;
  const AccuracyFigures& exact = *accuracy.exact;
  const AccuracyFigures& ideal = *accuracy.ideal;
  const auto row = [&](const char* name, double a, double b) {
    const auto cell = [](double value) { return std::isfinite(value) ? fmt::format("{:.4f}", value) : "-"; };
    table.row({name, cell(a), cell(b)});
  };
  // Of a sample, the row has the mean and its standard error.
  const auto mean_row = [&](const char* name, double a, std::optional<double> a_error, double b,
                            std::optional<double> b_error) {
    if (!sampled) return row(name, a, b);
    const auto text = [](double mean, std::optional<double> error) {
      return error ? fmt::format("{:.4f} +- {:.4f}", mean, *error) : fmt::format("{:.4f}", mean);
    };
    table.row({name, text(a, a_error), text(b, b_error)});
  };
  const StandardErrors& exact_error = accuracy.exact_error;
  const StandardErrors& ideal_error = accuracy.ideal_error;
  mean_row("selection recall", exact.selection_recall, exact_error.selection_recall, ideal.selection_recall,
           ideal_error.selection_recall);
  mean_row("output cosine", exact.cosine, exact_error.cosine, ideal.cosine, ideal_error.cosine);
  mean_row("output relative L2 error", exact.relative_l2, exact_error.relative_l2, ideal.relative_l2,
           ideal_error.relative_l2);
  row("cosine of the worst head", exact.worst_head_cosine, ideal.worst_head_cosine);
  return fmt::format(
             "\nAccuracy against full-precision attention and against ideal one-bit attention, {} of {} "
             "head-queries; {} queries without a valid key\n",
             accuracy.measured_queries, report.stats.head_queries, accuracy.empty_queries) +
         table.text();
}

// Writes one line per evidence and node with all their components; a component of several cards is in several lines.
std::string provenance_text(const Cost& cost) {
  std::vector<std::pair<std::string, std::vector<std::string>>> groups;
  const auto add = [&](const ComponentCost& component) {
    for (const Provenance& card : component.cards) {
      const std::string kind = fmt::format("{}, {}", evidence_name(card.evidence), node_text(component, card));
      auto group = std::find_if(groups.begin(), groups.end(), [&](const auto& g) { return g.first == kind; });
      if (group == groups.end()) group = groups.insert(groups.end(), {kind, {}});
      if (group->second.empty() || group->second.back() != component.name) group->second.push_back(component.name);
    }
  };
  for (const ComponentCost& component : cost.components) add(component);
  add(cost.dram);
  TextTable table({{"numbers from"}, {"components"}});
  for (const auto& [kind, names] : groups) table.row({kind, fmt::format("{}", fmt::join(names, ", "))});
  return "\n" + table.text();
}

// Says what the circuit's errors amount to; nothing where all of them are off.
std::string circuit_line(const Report& report) {
  if (!report.circuit || report.circuit->errors.empty()) return "";
  const CircuitFigures& f = *report.circuit;
  return fmt::format("\nCircuit: an LSB is {:.4g} {}, errors are {:.3g} LSB, most of it {}; {:.2f} effective bits\n",
                     f.lsb, f.unit, f.rms_lsb, f.errors.front().name, f.effective_bits);
}

}  // namespace

std::string report_table(const Report& report) {
  return heading_text(report) + stages_text(report) + throughput_text(report) + energy_text(report) +
         (report.workload ? workload_text(*report.workload) : "") + accuracy_text(report) + circuit_line(report) +
         provenance_text(report.cost);
}

}  // namespace capcam
