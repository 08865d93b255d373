// SPDX-License-Identifier: Apache-2.0
#include "studies/reproduce/silicon/fit.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <optional>

#include "studies/reproduce/silicon/predict.h"

namespace capcam::silicon {
namespace {

UnitCards with(const UnitCards& units, const Fitted& fitted) {
  std::vector<UnitCard> cards = units.all();
  for (UnitCard& card : cards) {
    if (card.unit != fitted.unit) continue;
    const Stated stated{fitted.value.value, fitted.value.low, fitted.value.high};
    (fitted.quantity == "factor" ? card.factor : card.area_factor) = stated;
  }
  return UnitCards(std::move(cards));
}

// What is published and what is predicted of the part that a factor multiplies; nothing where a row does not say.
struct Pair {
  double published = 0.0, predicted = 0.0;
};
using PairOf = std::function<std::optional<Pair>(const Macro&, const Prediction&)>;

std::optional<Pair> pair(double published, const Figure& predicted) {
  if (published <= 0.0 || predicted.value <= 0.0) return {};
  return Pair{published, predicted.value};
}

// Each row counts once: its array where that is published, its matchline where not.
std::optional<Pair> lines_of(const Macro& m, const Prediction& p) {
  if (m.kind != MacroKind::charge_cim) return {};
  if (m.array_pj) return pair(*m.array_pj, p.array_pj());
  return m.matchline_pj ? pair(*m.matchline_pj, p.matchline_pj()) : std::nullopt;
}

std::optional<Pair> cam_lines_of(const Macro& m, const Prediction& p) {
  if (m.kind != MacroKind::digital_cam || !m.fj_per_bit) return {};
  return pair(*m.fj_per_bit * p.cells_per_matchline / 1e3 - p.converter_pj.value, p.lines_pj);
}

// Multiplies the factor by what is missing until nothing is: lines and area depend on the size of a cell, too.
UnitCards fit_one(const std::vector<Macro>& macros, const UnitCards& units, Fitted& fitted, const PairOf& pair_of) {
  constexpr int most_rounds = 500;
  UnitCards best = with(units, fitted);
  for (int round = 0; round < most_rounds; ++round) {
    double sum = 0.0, least = std::numeric_limits<double>::infinity(), most = -least;
    fitted.rows = 0;
    for (const Macro& macro : macros) {
      if (macro.use != Use::fit) continue;
      const std::optional<Pair> both = pair_of(macro, predict(macro, best));
      if (!both) continue;
      const double missing = std::log(both->published / both->predicted);
      sum += missing;
      least = std::min(least, missing);
      most = std::max(most, missing);
      ++fitted.rows;
    }
    if (fitted.rows == 0) return best;
    const double mean = sum / static_cast<double>(fitted.rows), value = fitted.value.value * std::exp(mean);
    fitted.value = {value, value * std::exp(least - mean), value * std::exp(most - mean)};
    best = with(units, fitted);
    if (std::abs(mean) < 1e-12) break;
  }
  return best;
}

}  // namespace

std::vector<Fitted> fit(const std::vector<Macro>& macros, const UnitCards& units) {
  struct Step {
    const char *unit, *quantity;
    PairOf pair_of;
  };
  const auto mm2 = [](const std::optional<double>& published, const Figure& predicted) -> std::optional<Pair> {
    return published ? pair(*published, predicted) : std::nullopt;
  };
  // Lines are as long as cells are large, and what is left of a CAM's energy depends on its sense amplifiers: in order.
  const Step steps[] = {{"array_overhead", "area_factor",
                         [&](const Macro& m, const Prediction& p) { return mm2(m.array_mm2, p.array_mm2); }},
                        {"converter_overhead", "factor",
                         [&](const Macro& m, const Prediction& p) { return mm2(m.converter_pj, p.converter_pj); }},
                        {"converter_overhead", "area_factor",
                         [&](const Macro& m, const Prediction& p) { return mm2(m.converter_mm2, p.converter_mm2); }},
                        {"line_overhead", "factor", lines_of},
                        {"cam_line_overhead", "factor", cam_lines_of}};
  std::vector<Fitted> all;
  UnitCards now = units;
  for (const Step& step : steps) {
    Fitted& fitted = all.emplace_back();
    fitted.unit = step.unit;
    fitted.quantity = step.quantity;
    const UnitCard& card = *units.of(step.unit).front();
    fitted.on_card = (fitted.quantity == "factor" ? card.factor : card.area_factor).figure();
    now = fit_one(macros, now, fitted, step.pair_of);
  }
  return all;
}

}  // namespace capcam::silicon
