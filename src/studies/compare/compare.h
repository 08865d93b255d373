// Compares a CAM machine with a digital unit on the same trace, priced by the same cards.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "capcam/figure.h"
#include "capcam/report.h"
#include "cost/card_choices.h"
#include "cost/price.h"
#include "studies/compare/candidate.h"
#include "studies/compare/dense_unit.h"

namespace capcam::baseline {

enum class Kind { dense, digital_binary };
inline constexpr Choice<Kind> kinds[] = {
    {Kind::dense, "dense", "all scores by multiply-accumulates, full softmax, all values"},
    {Kind::digital_binary, "digital-binary", "one-bit keys by XNOR and popcount, then the machine's own selection"},
};

enum class Iso { throughput, area };
inline constexpr Choice<Iso> iso_kinds[] = {
    {Iso::throughput, "throughput", "units that finish the trace no later than the machine"},
    {Iso::area, "area", "units that take no more area than the machine"},
};

struct CompareRequest {
  Config config;  // cost.library is one of unit cards; loads are counted, whatever it says
  Kind kind = Kind::dense;
  KeyFormat format = KeyFormat::bf16;  // of the dense unit
  Iso iso = Iso::throughput;
  double accuracy_share = 1.0;
  unsigned threads = 1;
  std::optional<std::filesystem::path> models;  // the user's cards
};

// A unit that was tried. Of those that meet the condition (throughput or area) the one with the least product of energy
// and area is the baseline; if areas are made equal, the fastest.
struct Tried {
  std::string unit;
  std::uint64_t cycles = 0;
  double energy_pj = 0.0, area_um2 = 0.0;
  bool meets = false;
};

// A figure of both, and the machine's over the baseline's. Cards are drawn once for both.
struct ComparedFigure {
  std::string name, unit;
  double factor = 1.0;  // from the spreads' units (um^2, mW, pJ per head-query) to `unit`
  Spread machine, baseline, ratio;
  std::vector<Swing> swings;  // of the ratio
};

struct Comparison {
  Report machine;
  Kind kind = Kind::dense;
  std::string name;  // "dense bf16", "digital-binary"
  std::string unit;  // its size in words
  std::uint64_t cycles = 0, first_query_latency = 0;
  Cost cost;
  double operations = 0.0;  // dense: 2 per multiply-accumulate; else 0
  std::vector<Tried> tried;
  std::optional<AccuracyFigures> accuracy;      // against exact
  std::optional<AccuracyFigures> other_format;  // dense: that of the other key format
  std::vector<ComparedFigure> figures;
  Figure area, on_chip_power, power, on_chip_energy, energy;  // the share that the machine saves, from the ratios
};

// Throws InputError if no unit can meet the condition, or the library has no unit cards.
Comparison compare(const CompareRequest& request, const Trace& trace, const std::function<bool()>& stop_requested);

}  // namespace capcam::baseline
