// A card says what one use of a component costs, and who says so. Cards are TOML files in models/; a card that does not
// name its source, technology and evidence is refused.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <type_traits>

#include "capcam/describe.h"
#include "capcam/figure.h"
#include "capcam/provenance.h"
#include "cost/actions.h"
#include "cost/cards/design_point.h"

namespace capcam {

// The rule that gives how many instances of a component the machine has.
enum class InstanceRule { per_core, per_query, per_array, per_converter, per_lane };
inline constexpr Choice<InstanceRule> instance_rules[] = {
    {InstanceRule::per_core, "per_core", "one per core"},
    {InstanceRule::per_query, "per_query", "one for each of the array.queries_per_program queries of a core"},
    {InstanceRule::per_array, "per_array", "one per array"},
    {InstanceRule::per_converter, "per_converter", "one for every sensing.rows_per_converter rows of an array"},
    {InstanceRule::per_lane, "per_lane", "one for each of the value.lanes of a core"},
};

// Brings the card's numbers to the library's node: energies are multiplied by energy_of_target / energy_of_source.
struct Normalization {
  double to_nm = 0.0;  // 0 if the numbers are used as they are
  double energy_of_source = 1.0;
  double energy_of_target = 1.0;
  double area_factor = 1.0;
  std::string source;
  double energy_factor() const { return energy_of_target / energy_of_source; }
  static void describe(auto& v, auto& n) {
    v.field("to_nm", n.to_nm, {.min = 1.0, .max = 10000.0, .unit = "nm", .doc = "node the numbers are brought to"});
    v.field("energy_of_source", n.energy_of_source,
            {.max = 1e6, .above = 0.0, .doc = "energy factor of the card's node"});
    v.field("energy_of_target", n.energy_of_target,
            {.max = 1e6, .above = 0.0, .doc = "energy factor of the node to_nm"});
    v.field("area_factor", n.area_factor, {.max = 1e6, .above = 0.0, .doc = "multiplies the area"});
    v.field("source", n.source, {.doc = "where the factors were read"});
  }
};

// The array the card was made for; power and area are linear in its cells. It is 0 x 0 if no array sets the size.
struct CellArray {
  std::uint32_t rows = 0;
  std::uint32_t columns = 0;
  static void describe(auto& v, auto& a) {
    v.field("rows", a.rows, {.min = 1, .max = 65536, .unit = "rows", .doc = "rows of the array the numbers are for"});
    v.field("columns", a.columns, {.min = 1, .max = 65536, .unit = "columns", .doc = "columns of that array"});
  }
};

// Cycles of full power that each action of one component is charged, by the action's name; NaN if it is not priced.
struct ChargedCycles {
  std::string component;
  std::map<std::string, double> by_action;
  static void describe(auto& v, auto& c) {
    for (const Action& action : list_actions({})) {
      if (action.component != c.component) continue;
      double& cycles = c.by_action.emplace(action.name, std::numeric_limits<double>::quiet_NaN()).first->second;
      v.field(action.name, cycles, {.min = 0.0, .max = 1e6, .unit = "cycles", .doc = action.doc});
    }
  }
};

// The card of an on-chip component. An action's energy is power x charged cycles of 1 ns (the published rule, 1 GHz).
struct Card {
  std::string component;
  Provenance provenance;
  double power_mw = 0.0;
  double area_um2 = 0.0;
  InstanceRule instances = InstanceRule::per_core;
  ChargedCycles cycles;
  CellArray cell_array;
  Normalization normalized;
  DesignPoint designed_for;
  static void describe(auto& v, auto& c) {
    v.field("component", c.component, {.doc = "the part of an action's name before the dot", .required = true});
    std::remove_cvref_t<decltype(c.provenance)>::describe(v, c.provenance);
    v.field("power_mw", c.power_mw,
            {.min = 0.0, .max = 1e6, .unit = "mW", .doc = "one instance, active, at 1 GHz", .required = true});
    v.field("area_um2", c.area_um2, {.min = 0.0, .max = 1e12, .unit = "um^2", .doc = "one instance", .required = true});
    v.choice("instances", c.instances, instance_rules, {.doc = "how many there are", .required = true});
    c.cycles.component = c.component;
    v.section("cycles", c.cycles);
    v.section("cell_array", c.cell_array);
    v.section("normalized", c.normalized);
    v.section("designed_for", c.designed_for);
  }
};

// The DRAM's card. A byte costs 8 pj_per_bit, or its share of an access: access_bytes at power_mw for access_cycles ns.
struct DramCard {
  Provenance provenance;
  double pj_per_bit = 0.0;                             // 0 if it is not given
  double pj_per_bit_low = 0.0, pj_per_bit_high = 0.0;  // 0 if no source disagrees
  double power_mw = 0.0;
  double access_cycles = 0.0;
  double access_bytes = 0.0;
  double pj_per_byte() const { return pj_per_bit > 0.0 ? pj_per_bit * 8.0 : power_mw * access_cycles / access_bytes; }
  Figure pj_per_byte_figure() const {
    return {pj_per_byte(), pj_per_bit_low > 0.0 ? pj_per_bit_low * 8.0 : pj_per_byte(),
            pj_per_bit_high > 0.0 ? pj_per_bit_high * 8.0 : pj_per_byte()};
  }
  static void describe(auto& v, auto& c) {
    std::remove_cvref_t<decltype(c.provenance)>::describe(v, c.provenance);
    v.field("pj_per_bit", c.pj_per_bit, {.max = 1e6, .above = 0.0, .unit = "pJ/bit", .doc = "energy of a bit read"});
    v.field("pj_per_bit_low", c.pj_per_bit_low,
            {.max = 1e6, .above = 0.0, .unit = "pJ/bit", .doc = "no less than this, where sources disagree"});
    v.field("pj_per_bit_high", c.pj_per_bit_high,
            {.max = 1e6, .above = 0.0, .unit = "pJ/bit", .doc = "no more than this"});
    v.field("power_mw", c.power_mw, {.max = 1e6, .above = 0.0, .unit = "mW", .doc = "during an access, at 1 GHz"});
    v.field("access_cycles", c.access_cycles, {.max = 1e6, .above = 0.0, .unit = "cycles", .doc = "one access"});
    v.field("access_bytes", c.access_bytes, {.max = 1e6, .above = 0.0, .unit = "bytes", .doc = "moved by one access"});
  }
};

}  // namespace capcam
