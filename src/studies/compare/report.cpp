// SPDX-License-Identifier: Apache-2.0
#include "studies/compare/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "capcam/report.h"
#include "report/make_report.h"
#include "report/table.h"

namespace capcam {
namespace {

using baseline::Comparison;
using baseline::KeyFormat;

std::string_view name_of(KeyFormat format) { return format == KeyFormat::bf16 ? "bf16" : "int8"; }

std::string percent(const Figure& r) {
  if (!std::isfinite(r.value)) return "-";  // no time passed, or nothing was spent
  return fmt::format("{:.1f} % ({:.1f} to {:.1f})", 100.0 * r.value, 100.0 * r.low, 100.0 * r.high);
}

std::string with_interval(const Figure& figure, double factor, int digits) {
  if (!std::isfinite(factor * figure.value)) return "-";
  std::string middle = fmt::format("{:.{}f}", factor * figure.value, digits);
  if (figure.low == figure.high) return middle;
  return fmt::format("{} ({:.{}f} to {:.{}f})", middle, factor * figure.low, digits, factor * figure.high, digits);
}

// A row has the machine's figure, the dense unit's, and what is saved.
TextTable one_table(const Comparison& c) {
  const Cost& machine = c.machine.cost;
  const Cost& dense = c.dense_cost;
  const auto queries = static_cast<double>(c.machine.stats.head_queries);
  const double machine_us = c.machine.time_us;
  const double dense_us =
      machine_us * static_cast<double>(c.dense.cycles) / static_cast<double>(c.machine.stats.cycles);
  TextTable table({{""},
                   {"HAD machine", Align::right},
                   {fmt::format("dense {}", name_of(c.unit.format)), Align::right},
                   {"saved", Align::right}});
  const auto each = [&](const char* name, const Figure& ours, double our_factor, const Figure& theirs,
                        double their_factor, int digits, const std::string& saved) {
    table.row({name, with_interval(ours, our_factor, digits), with_interval(theirs, their_factor, digits), saved});
  };
  table.row({"cycles of the trace", fmt::format("{}", c.machine.stats.cycles), fmt::format("{}", c.dense.cycles)});
  each("area, mm^2", machine.area_um2, 1e-6, dense.area_um2, 1e-6, 4, percent(c.area));
  each("power on chip, mW", machine.on_chip_pj, 1e-3 / machine_us, dense.on_chip_pj, 1e-3 / dense_us, 1,
       percent(c.on_chip_power));
  each("power with DRAM, mW", machine.total_pj, 1e-3 / machine_us, dense.total_pj, 1e-3 / dense_us, 1,
       percent(c.power));
  each("energy on chip, nJ per head-query", machine.on_chip_pj, 1e-3 / queries, dense.on_chip_pj, 1e-3 / queries, 2,
       percent(c.on_chip_energy));
  each("energy of DRAM, nJ per head-query", machine.dram_pj, 1e-3 / queries, dense.dram_pj, 1e-3 / queries, 2, "");
  each("energy, nJ per head-query", machine.total_pj, 1e-3 / queries, dense.total_pj, 1e-3 / queries, 2,
       percent(c.energy));
  const bool measured = c.machine.accuracy.exact.has_value();
  if (c.accuracy && !measured) table.row({"output against exact attention", "not measured", "not measured"});
  if (c.accuracy && c.other_format && measured) {
    const AccuracyFigures& ours = *c.machine.accuracy.exact;
    table.row({"output cosine against exact attention", fmt::format("{:.4f}", ours.cosine),
               fmt::format("{:.6f}", c.accuracy->cosine)});
    table.row(
        {"relative L2 error", fmt::format("{:.4f}", ours.relative_l2), fmt::format("{:.6f}", c.accuracy->relative_l2)});
    table.row({"cosine of the worst head", fmt::format("{:.4f}", ours.worst_head_cosine),
               fmt::format("{:.6f}", c.accuracy->worst_head_cosine)});
    const KeyFormat other = c.unit.format == KeyFormat::bf16 ? KeyFormat::int8 : KeyFormat::bf16;
    table.row({fmt::format("relative L2 error of dense {}", name_of(other)), "",
               fmt::format("{:.6f}", c.other_format->relative_l2)});
  }
  return table;
}

std::string components_text(const Comparison& c) {
  TextTable table({{"dense unit"},
                   {"units", Align::right},
                   {"energy nJ", Align::right},
                   {"pJ/head-query", Align::right},
                   {"area um^2", Align::right},
                   {"area um^2, low to high", Align::right}});
  const auto queries = static_cast<double>(c.machine.stats.head_queries);
  const auto row = [&](const std::string& name, std::uint64_t units, const Figure& energy_pj) {
    return std::vector<std::string>{name, units > 0 ? fmt::format("{}", units) : "",
                                    fmt::format("{:.3f}", energy_pj.value / 1e3),
                                    fmt::format("{:.1f}", energy_pj.value / queries)};
  };
  for (const ComponentCost& component : c.dense_cost.components) {
    std::vector<std::string> cells = row(component.name, component.instances, component.energy_pj);
    cells.push_back(fmt::format("{:.0f}", component.area_um2.value));
    cells.push_back(fmt::format("{:.0f} to {:.0f}", component.area_um2.low, component.area_um2.high));
    table.row(cells);
  }
  table.row(row("leakage", 0, c.dense_cost.leakage_pj));
  table.rule();
  table.row(row("on chip", 0, c.dense_cost.on_chip_pj));
  table.row(row("dram", 0, c.dense_cost.dram_pj));
  table.row(row("total", 0, c.dense_cost.total_pj));
  return table.text();
}

std::string unit_text(const Comparison& c) {
  const baseline::DenseUnit& u = c.unit;
  return fmt::format(
      "Dense unit: {} score lanes ({}), {} exponentials a cycle, {} value lanes, {} divider{}; at most {} cycles a "
      "stage",
      u.score_lanes, name_of(u.format), u.exp_lanes, u.value_lanes, u.dividers, u.dividers == 1 ? "" : "s", c.interval);
}

std::string within_text(const baseline::IsoAccuracy& within) {
  TextTable table({{"n", Align::right}, {"bits", Align::right}, {"relative L2", Align::right}});
  for (const baseline::Trial& trial : within.tried)
    table.row({fmt::format("{}", trial.n), fmt::format("{}", trial.bits), fmt::format("{:.4f}", trial.relative_l2)});
  const std::string found =
      within.found ? fmt::format("n = {} and {} bits suffice ({:.4f})", within.found->n, within.found->bits,
                                 within.found->relative_l2)
                   : "no n and bits of this machine suffice: one-bit scores alone cost more (a model that was not "
                     "distilled for them?)";
  return fmt::format("\nWithin a relative L2 error of {} of exact attention: {}\n", within.within, found) +
         table.text();
}

nlohmann::ordered_json json_of(const AccuracyFigures& f) {
  return {{"cosine", f.cosine}, {"relative_l2", f.relative_l2}, {"worst_head_cosine", f.worst_head_cosine}};
}

nlohmann::ordered_json json_of(const Figure& f) { return {{"value", f.value}, {"low", f.low}, {"high", f.high}}; }

nlohmann::ordered_json dense_json(const Comparison& c) {
  const Cost& cost = c.dense_cost;
  nlohmann::ordered_json components = nlohmann::ordered_json::object(), stages = nlohmann::ordered_json::object();
  for (const ComponentCost& component : cost.components) {
    components[component.name] = {{"instances", component.instances},
                                  {"energy_pj", json_of(component.energy_pj)},
                                  {"area_um2", json_of(component.area_um2)}};
  }
  for (std::size_t i = 0; i < baseline::stage_names.size(); ++i)
    stages[std::string(baseline::stage_names[i])] = c.dense.busy[i];
  nlohmann::ordered_json json = {{"key_format", name_of(c.unit.format)},
                                 {"score_lanes", c.unit.score_lanes},
                                 {"exp_lanes", c.unit.exp_lanes},
                                 {"value_lanes", c.unit.value_lanes},
                                 {"dividers", c.unit.dividers},
                                 {"interval_cycles", c.interval},
                                 {"cycles", c.dense.cycles},
                                 {"first_query_latency", c.dense.first_query_latency},
                                 {"busy_cycles", std::move(stages)},
                                 {"energy_pj",
                                  {{"total", json_of(cost.total_pj)},
                                   {"on_chip", json_of(cost.on_chip_pj)},
                                   {"dram", json_of(cost.dram_pj)},
                                   {"leakage", json_of(cost.leakage_pj)}}},
                                 {"area_um2", json_of(cost.area_um2)},
                                 {"components", std::move(components)}};
  const bool measured = c.machine.accuracy.exact.has_value();
  if (c.accuracy && measured) json["accuracy"] = json_of(*c.accuracy);
  if (c.other_format && measured) json["accuracy_of_the_other_key_format"] = json_of(*c.other_format);
  return json;
}

}  // namespace

std::string compare_table(const Comparison& c, const std::optional<baseline::IsoAccuracy>& within) {
  std::string text =
      fmt::format("trace {}: {} head-queries, {} keys, dimension {} / {}; priced by {}\n{}\n\n", c.machine.trace.path,
                  c.machine.stats.head_queries, c.machine.trace.shape.keys, c.machine.trace.shape.head_dim,
                  c.machine.trace.shape.value_dim, c.dense_cost.library, unit_text(c));
  text += one_table(c).text() + "\n" + components_text(c);
  if (within) text += within_text(*within);
  return text;
}

std::string compare_markdown(const Comparison& c) { return unit_text(c) + ".\n\n" + one_table(c).markdown(); }

nlohmann::ordered_json compare_to_json(const Comparison& c, const std::optional<baseline::IsoAccuracy>& within) {
  nlohmann::ordered_json json = {{"schema", "capcam-compare/1"},
                                 {"machine", report_to_json(c.machine)},
                                 {"dense", dense_json(c)},
                                 {"reduction",
                                  {{"area", json_of(c.area)},
                                   {"on_chip_power", json_of(c.on_chip_power)},
                                   {"power", json_of(c.power)},
                                   {"on_chip_energy", json_of(c.on_chip_energy)},
                                   {"energy", json_of(c.energy)}}}};
  if (within) {
    nlohmann::ordered_json tried = nlohmann::ordered_json::array();
    const auto of = [](const baseline::Trial& t) {
      return nlohmann::ordered_json{{"n", t.n}, {"bits", t.bits}, {"relative_l2", t.relative_l2}};
    };
    for (const baseline::Trial& trial : within->tried) tried.push_back(of(trial));
    json["within"] = {{"relative_l2", within->within},
                      {"found", within->found ? of(*within->found) : nlohmann::ordered_json(nullptr)},
                      {"tried", std::move(tried)}};
  }
  return json;
}

}  // namespace capcam
