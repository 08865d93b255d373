// SPDX-License-Identifier: Apache-2.0
#include "studies/compare/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "capcam/report.h"
#include "report/drawn.h"
#include "report/make_report.h"
#include "report/table.h"

namespace capcam {
namespace {

using baseline::ComparedFigure;
using baseline::Comparison;
using Json = nlohmann::ordered_json;

constexpr std::size_t swings_shown = 8;

// Four significant digits; a figure that is not finite is none, because no time passed or nothing was spent.
std::string four_digits(double value) {
  if (!std::isfinite(value)) return "-";
  const int digits = value == 0.0 ? 0 : std::max(0, 3 - static_cast<int>(std::floor(std::log10(std::abs(value)))));
  return fmt::format("{:.{}f}", value, digits);
}

std::string with_interval(const Spread& spread, double factor) {
  if (!std::isfinite(spread.value)) return "-";
  std::string middle = four_digits(factor * spread.value);
  if (spread.low == spread.high) return middle;
  return fmt::format("{} ({}, {}, {})", middle, four_digits(factor * spread.low), four_digits(factor * spread.median),
                     four_digits(factor * spread.high));
}

// A row has the machine's figure, the baseline's, and the one over the other.
TextTable one_table(const Comparison& c) {
  TextTable table({{""},
                   {"HAD machine", Align::right},
                   {c.name, Align::right},
                   {fmt::format("machine / {}", c.name), Align::right}});
  table.row({"cycles of the trace", fmt::format("{}", c.machine.stats.cycles), fmt::format("{}", c.cycles),
             four_digits(static_cast<double>(c.machine.stats.cycles) / static_cast<double>(c.cycles))});
  for (const ComparedFigure& figure : c.figures) {
    table.row({fmt::format("{}, {}", figure.name, figure.unit), with_interval(figure.machine, figure.factor),
               with_interval(figure.baseline, figure.factor), with_interval(figure.ratio, 1.0)});
  }
  if (c.operations > 0.0) {
    const double ns = static_cast<double>(c.cycles) / c.machine.config.clock.frequency_ghz;
    table.row({"TOPS/W on chip", "", four_digits(c.operations / c.cost.on_chip_pj.value)});
    table.row({"TOPS/mm^2", "", four_digits(c.operations / ns / 1e3 / (c.cost.area_um2.value / 1e6))});
  }
  const bool measured = c.machine.accuracy.exact.has_value();
  if (c.accuracy && !measured) table.row({"output against exact attention", "not measured", "not measured"});
  if (c.accuracy && measured) {
    const AccuracyFigures& ours = *c.machine.accuracy.exact;
    table.row({"output cosine against exact attention", fmt::format("{:.4f}", ours.cosine),
               fmt::format("{:.6f}", c.accuracy->cosine)});
    table.row(
        {"relative L2 error", fmt::format("{:.4f}", ours.relative_l2), fmt::format("{:.6f}", c.accuracy->relative_l2)});
    table.row({"cosine of the worst head", fmt::format("{:.4f}", ours.worst_head_cosine),
               fmt::format("{:.6f}", c.accuracy->worst_head_cosine)});
  }
  if (c.other_format && measured) {
    table.row({fmt::format("relative L2 error of dense {}", c.name == "dense bf16" ? "int8" : "bf16"), "",
               fmt::format("{:.6f}", c.other_format->relative_l2)});
  }
  return table;
}

TextTable components_table(const Comparison& c) {
  TextTable table({{c.name},
                   {"units", Align::right},
                   {"pJ/head-query", Align::right},
                   {"area um^2", Align::right},
                   {"area um^2, low to high", Align::right}});
  const auto queries = static_cast<double>(c.machine.stats.head_queries);
  const auto row = [&](const std::string& name, std::uint64_t units, const Figure& energy_pj) {
    return std::vector<std::string>{name, units > 0 ? fmt::format("{}", units) : "",
                                    fmt::format("{:.1f}", energy_pj.value / queries)};
  };
  for (const ComponentCost& component : c.cost.components) {
    std::vector<std::string> cells = row(component.name, component.instances, component.energy_pj);
    cells.push_back(fmt::format("{:.0f}", component.area_um2.value));
    cells.push_back(fmt::format("{:.0f} to {:.0f}", component.area_um2.low, component.area_um2.high));
    table.row(cells);
  }
  table.row(row("leakage", 0, c.cost.leakage_pj));
  table.rule();
  table.row(row("on chip", 0, c.cost.on_chip_pj));
  table.row(row("dram", 0, c.cost.dram_pj));
  table.row(row("total", 0, c.cost.total_pj));
  return table;
}

TextTable tried_table(const Comparison& c) {
  TextTable table({{fmt::format("{}: tried", c.name)},
                   {"cycles", Align::right},
                   {"nJ per head-query", Align::right},
                   {"mm^2", Align::right},
                   {""}});
  const auto queries = static_cast<double>(c.machine.stats.head_queries);
  for (const baseline::Tried& one : c.tried) {
    table.row({one.unit, fmt::format("{}", one.cycles), fmt::format("{:.3f}", one.energy_pj / queries / 1e3),
               fmt::format("{:.4f}", one.area_um2 / 1e6),
               one.unit == c.unit && one.cycles == c.cycles ? "taken"
               : one.meets                                  ? ""
                                                            : "does not meet it"});
  }
  return table;
}

TextTable swings_table(const Comparison& c) {
  TextTable table({{fmt::format("machine / {}", c.name)}, {"cards of"}, {"low", Align::right}, {"high", Align::right}});
  for (const ComparedFigure& figure : c.figures) {
    if (figure.name != "area" && figure.name != "energy on chip" && figure.name != "energy") continue;
    for (std::size_t i = 0; i < std::min(swings_shown, figure.swings.size()); ++i) {
      const Swing& swing = figure.swings[i];
      table.row(
          {i == 0 ? figure.name : "", swing.unit, fmt::format("{:.4f}", swing.low), fmt::format("{:.4f}", swing.high)});
    }
  }
  return table;
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

Json json_of(const AccuracyFigures& f) {
  return {{"cosine", f.cosine}, {"relative_l2", f.relative_l2}, {"worst_head_cosine", f.worst_head_cosine}};
}

Json json_of(const Figure& f) { return {{"value", f.value}, {"low", f.low}, {"high", f.high}}; }

Json baseline_json(const Comparison& c) {
  const Cost& cost = c.cost;
  Json components = Json::object(), tried = Json::array();
  for (const ComponentCost& component : cost.components) {
    components[component.name] = {{"instances", component.instances},
                                  {"energy_pj", json_of(component.energy_pj)},
                                  {"area_um2", json_of(component.area_um2)}};
  }
  for (const baseline::Tried& one : c.tried) {
    tried.push_back({{"unit", one.unit},
                     {"cycles", one.cycles},
                     {"energy_pj", one.energy_pj},
                     {"area_um2", one.area_um2},
                     {"meets", one.meets}});
  }
  Json json = {{"name", c.name},
               {"unit", c.unit},
               {"cycles", c.cycles},
               {"first_query_latency", c.first_query_latency},
               {"energy_pj",
                {{"total", json_of(cost.total_pj)},
                 {"on_chip", json_of(cost.on_chip_pj)},
                 {"dram", json_of(cost.dram_pj)},
                 {"leakage", json_of(cost.leakage_pj)}}},
               {"area_um2", json_of(cost.area_um2)},
               {"operations", c.operations},
               {"components", std::move(components)},
               {"tried", std::move(tried)}};
  const bool measured = c.machine.accuracy.exact.has_value();
  if (c.accuracy && measured) json["accuracy"] = json_of(*c.accuracy);
  if (c.other_format && measured) json["accuracy_of_the_other_key_format"] = json_of(*c.other_format);
  return json;
}

Json figures_json(const Comparison& c) {
  Json figures = Json::array();
  for (const ComparedFigure& figure : c.figures) {
    const auto scaled = [&](const Spread& s) {
      const double f = figure.factor;
      return spread_json(Spread{f * s.value, f * s.low, f * s.median, f * s.high});
    };
    figures.push_back({{"figure", figure.name},
                       {"unit", figure.unit},
                       {"machine", scaled(figure.machine)},
                       {"baseline", scaled(figure.baseline)},
                       {"ratio", spread_json(figure.ratio)},
                       {"ratio_by_cards", swings_json(figure.swings)}});
  }
  return figures;
}

}  // namespace

std::string compare_table(const Comparison& c, const std::optional<baseline::IsoAccuracy>& within) {
  std::string text =
      fmt::format("trace {}: {} head-queries, {} keys, dimension {} / {}; priced by {}\n{}: {}\n\n",
                  c.machine.trace.path, c.machine.stats.head_queries, c.machine.trace.shape.keys,
                  c.machine.trace.shape.head_dim, c.machine.trace.shape.value_dim, c.cost.library, c.name, c.unit);
  text += one_table(c).text();
  text += fmt::format(
      "(5 %, 50 % and 95 % of {} draws of the cards, the same for both.) Which cards move the ratio most:\n\n",
      CardChoices::draws);
  text += swings_table(c).text() + "\n" + components_table(c).text() + "\n" + tried_table(c).text();
  if (within) text += within_text(*within);
  return text;
}

std::string compare_markdown(const Comparison& c) {
  return fmt::format("{}: {}.\n\n", c.name, c.unit) + one_table(c).markdown() + "\n" + swings_table(c).markdown() +
         "\n" + components_table(c).markdown() + "\n" + tried_table(c).markdown();
}

Json compare_to_json(const Comparison& c, const std::optional<baseline::IsoAccuracy>& within) {
  Json json = {{"schema", "capcam-compare/2"},
               {"machine", report_to_json(c.machine)},
               {c.kind == baseline::Kind::dense ? "dense" : "digital_binary", baseline_json(c)},
               {"draws", CardChoices::draws},
               {"figures", figures_json(c)},
               {"reduction",
                {{"area", json_of(c.area)},
                 {"on_chip_power", json_of(c.on_chip_power)},
                 {"power", json_of(c.power)},
                 {"on_chip_energy", json_of(c.on_chip_energy)},
                 {"energy", json_of(c.energy)}}}};
  if (within) {
    Json tried = Json::array();
    const auto of = [](const baseline::Trial& t) {
      return Json{{"n", t.n}, {"bits", t.bits}, {"relative_l2", t.relative_l2}};
    };
    for (const baseline::Trial& trial : within->tried) tried.push_back(of(trial));
    json["within"] = {{"relative_l2", within->within},
                      {"found", within->found ? of(*within->found) : Json(nullptr)},
                      {"tried", std::move(tried)}};
  }
  return json;
}

}  // namespace capcam
