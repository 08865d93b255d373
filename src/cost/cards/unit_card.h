// A unit card says what one small thing costs in a technology (a bit of a register, an addition, a femtofarad), and who
// says so. Blocks of any size are made of units (cost/blocks/blocks.h). A unit has several cards where sources
// disagree; one of them is preferred, and the interval spans them all.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "capcam/describe.h"
#include "capcam/figure.h"
#include "cost/cards/card.h"

namespace capcam {

// Says whether a number follows the published factors from node to node (cost/cards/node_scaling.h).
enum class Scales { logic, none };
inline constexpr Choice<Scales> scalings[] = {
    {Scales::logic, "logic", "scales as digital logic does"},
    {Scales::none, "none", "stays what it is at every node"},
};

// One number of a card; 0 if the card does not state it. Without low and high it has no spread of its own.
struct Stated {
  double value = 0.0;
  double low = 0.0;
  double high = 0.0;
  Figure figure() const { return {value, low > 0.0 ? low : value, high > 0.0 ? high : value}; }
  static void describe(auto& v, auto& s) {
    v.field("value", s.value, {.max = 1e12, .above = 0.0, .doc = "best guess"});
    v.field("low", s.low, {.max = 1e12, .above = 0.0, .doc = "no less than this"});
    v.field("high", s.high, {.max = 1e12, .above = 0.0, .doc = "no more than this"});
  }
};

// The memory the numbers are for, and how they change with its capacity and its width.
struct MemorySize {
  double bytes = 0.0;
  double width_bits = 0.0;
  double energy_exponent = 0.0;  // energy per bit grows as capacity to the power of this
  double fixed_bits = 0.0;       // an access costs as much as so many bits beside its own: decoder, word line, control
  double width_share = 0.0;      // part of the area that grows with the width: sense amplifiers, write drivers, buffers
  static void describe(auto& v, auto& s) {
    v.field("bytes", s.bytes, {.max = 1e9, .above = 0.0, .unit = "bytes", .doc = "capacity"});
    v.field("width_bits", s.width_bits, {.max = 1e6, .above = 0.0, .unit = "bits", .doc = "of an access"});
    v.field("energy_exponent", s.energy_exponent,
            {.min = 0.0, .max = 1.0, .doc = "energy per bit grows as capacity to this power"});
    v.field(
        "fixed_bits", s.fixed_bits,
        {.min = 0.0, .max = 1e4, .unit = "bits", .doc = "an access costs as much as so many bits more than its own"});
    v.field("width_share", s.width_share,
            {.min = 0.0, .max = 1.0, .doc = "part of the area that grows with the width; the rest: with the capacity"});
  }
};

// Converters as a survey sees them: the best figure of merit that has been built, and a regression of the area.
//   FOM = min(fom_best_db, fom_at_1hz_db - fom_slope_db ln f)    Schreier, f in Hz
//   E = 1/2 J x 10^((SNDR - FOM) / 10), SNDR = 6.02 bits + 1.76 dB
//   area = exp(area_0 + area_rate ln f + area_node ln nm + area_bits bits + area_energy ln(E / 1 pJ)) um^2
struct ConverterSurvey {
  double fom_best_db = 0.0;
  double fom_at_1hz_db = 0.0;
  double fom_slope_db = 0.0;
  double area_0 = 0.0, area_rate = 0.0, area_node = 0.0, area_bits = 0.0, area_energy = 0.0;
  static void describe(auto& v, auto& s) {
    v.field("fom_best_db", s.fom_best_db, {.min = 100.0, .max = 250.0, .unit = "dB", .doc = "no converter is better"});
    v.field("fom_at_1hz_db", s.fom_at_1hz_db, {.min = 100.0, .max = 500.0, .unit = "dB", .doc = "of fast ones"});
    v.field("fom_slope_db", s.fom_slope_db, {.min = 0.0, .max = 100.0, .unit = "dB", .doc = "lost a factor e of rate"});
    v.field("area_0", s.area_0, {.min = -100.0, .max = 100.0, .doc = "constant"});
    v.field("area_rate", s.area_rate, {.min = -10.0, .max = 10.0, .doc = "exponent of the rate in Hz"});
    v.field("area_node", s.area_node, {.min = -10.0, .max = 10.0, .doc = "exponent of the node in nm"});
    v.field("area_bits", s.area_bits, {.min = -10.0, .max = 10.0, .doc = "a bit"});
    v.field("area_energy", s.area_energy, {.min = -10.0, .max = 10.0, .doc = "exponent of the energy in pJ"});
  }
};

struct UnitCard {
  std::string unit;
  Provenance provenance;
  double supply_v = 0.0;        // nominal supply of the figures
  double temperature_c = 25.0;  // of a leakage
  bool preferred = false;
  Scales energy_scales = Scales::logic;
  Scales area_scales = Scales::logic;
  Stated energy_pj, write_pj, area_um2, leakage_nw_um2, capacitance_ff, resistance_ohm, density_ff_um2, mismatch_mv_um;
  Stated factor, area_factor;
  MemorySize memory;
  ConverterSurvey survey;
  static void describe(auto& v, auto& c) {
    v.field("unit", c.unit, {.doc = "what is priced: a name of models/README.md", .required = true});
    std::remove_cvref_t<decltype(c.provenance)>::describe(v, c.provenance);
    v.field("supply_v", c.supply_v,
            {.max = 5.0, .above = 0.0, .unit = "V", .doc = "of the figures: energies follow its square"});
    v.field("temperature_c", c.temperature_c, {.min = -100.0, .max = 200.0, .unit = "degC", .doc = "of a leakage"});
    v.field("preferred", c.preferred, {.doc = "of several cards of this unit, the one that gives the value"});
    v.choice("energy_scales", c.energy_scales, scalings, {.doc = "from node to node"});
    v.choice("area_scales", c.area_scales, scalings, {.doc = "from node to node"});
    v.section("energy_pj", c.energy_pj);
    v.section("write_pj", c.write_pj);
    v.section("area_um2", c.area_um2);
    v.section("leakage_nw_um2", c.leakage_nw_um2);
    v.section("capacitance_ff", c.capacitance_ff);
    v.section("resistance_ohm", c.resistance_ohm);
    v.section("density_ff_um2", c.density_ff_um2);
    v.section("mismatch_mv_um", c.mismatch_mv_um);
    v.section("factor", c.factor);
    v.section("area_factor", c.area_factor);
    v.section("memory", c.memory);
    v.section("survey", c.survey);
  }
};

}  // namespace capcam
