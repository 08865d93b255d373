// SPDX-License-Identifier: Apache-2.0
#include "cost/cards/unit_cards.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "capcam/error.h"
#include "config/toml_reader.h"
#include "core/nearest.h"
#include "cost/cards/card_file.h"

namespace capcam {
namespace {

constexpr std::array<Unit, 39> known_units = {{
    {"register_bit", "energy_pj area_um2", "a bit of a register that is written, its clock included"},
    {"adder_bit", "energy_pj area_um2", "a bit of an addition, subtraction or comparison"},
    {"logic_bit", "energy_pj area_um2", "a two-input gate or half a multiplexer, a bit of it"},
    {"int8_add", "energy_pj area_um2", "8-bit addition"},
    {"int16_add", "energy_pj area_um2", "16-bit addition"},
    {"int32_add", "energy_pj area_um2", "32-bit addition"},
    {"int8_mul", "energy_pj area_um2", "8-bit multiplication"},
    {"fp16_add", "energy_pj area_um2", "half-precision addition"},
    {"fp16_mul", "energy_pj area_um2", "half-precision multiplication"},
    {"bf16_add", "energy_pj area_um2", "bfloat16 addition"},
    {"bf16_mul", "energy_pj area_um2", "bfloat16 multiplication"},
    {"fp32_add", "energy_pj area_um2", "single-precision addition"},
    {"fp32_mul", "energy_pj area_um2", "single-precision multiplication"},
    {"bf16_div", "energy_pj area_um2", "bfloat16 division"},
    {"sram", "energy_pj write_pj area_um2 memory", "an access of a static memory; energy_pj: a read"},
    {"logic_leakage", "leakage_nw_um2", "of anything but memory"},
    {"sram_leakage", "leakage_nw_um2", "of memory"},
    {"cam_cell", "area_um2", "transistors of a CAM cell"},
    {"capacitor", "density_ff_um2", "capacitance of a square micron above the cell"},
    {"gate", "capacitance_ff", "gate of a transistor of minimum size, or its drain"},
    {"wire", "capacitance_ff resistance_ohm", "of a micron of wire"},
    {"sampling_element", "capacitance_ff", "the smallest capacitor of a converter that samples: 2^b of them"},
    {"comparator", "energy_pj area_um2", "a decision of a clocked comparator of the smallest transistors"},
    {"comparator_noise", "factor", "capacitance of a comparator for its noise, in kT / noise^2"},
    {"transistor_pair", "mismatch_mv_um density_ff_um2",
     "mismatch of two transistors of a square micron, and their gates"},
    {"capacitor_dac", "factor", "switching energy of a conversion, in C V^2 of all capacitors"},
    {"sampling_switch", "energy_pj area_um2", "a switch that holds a voltage, with what drives it"},
    {"ladder", "area_um2", "a resistor of a reference ladder"},
    {"ramp_step", "energy_pj area_um2", "a ramp's reference falls by a code, without the rows it drives"},
    {"converter_overhead", "factor area_factor", "what a converter takes beside its parts"},
    {"line_overhead", "factor", "what lines of an array take beside their capacitance and drivers"},
    {"cam_line_overhead", "factor",
     "the same of lines of a CAM without charge sharing, which only published macros have"},
    {"array_overhead", "area_factor", "area of an array beside its cells: rings, straps, taps"},
    {"converter_survey", "survey", "converters as a survey of them predicts"},
    {"clock_tree", "factor area_factor", "clock distribution, as a part of the chip without it"},
    {"control", "factor area_factor", "sequencers, configuration, test, as a part of the chip"},
    {"bias_reference", "factor area_factor", "bias and reference of array and converters, as a part of them"},
    {"decoupling", "area_factor", "capacitors between the supplies, as a part of the chip"},
    {"wires", "factor area_factor", "wires and buffers between blocks, as a part of the chip"},
}};

bool states(const UnitCard& card, std::string_view quantity) {
  if (quantity == "energy_pj") return card.energy_pj.value > 0.0;
  if (quantity == "write_pj") return card.write_pj.value > 0.0;
  if (quantity == "area_um2") return card.area_um2.value > 0.0;
  if (quantity == "leakage_nw_um2") return card.leakage_nw_um2.value > 0.0;
  if (quantity == "capacitance_ff") return card.capacitance_ff.value > 0.0;
  if (quantity == "resistance_ohm") return card.resistance_ohm.value > 0.0;
  if (quantity == "density_ff_um2") return card.density_ff_um2.value > 0.0;
  if (quantity == "mismatch_mv_um") return card.mismatch_mv_um.value > 0.0;
  if (quantity == "factor") return card.factor.value > 0.0;
  if (quantity == "area_factor") return card.area_factor.value > 0.0;
  if (quantity == "memory") return card.memory.bytes > 0.0 && card.memory.width_bits > 0.0;
  return card.survey.fom_best_db > 0.0 && card.survey.fom_at_1hz_db > 0.0;
}

void check_stated(std::string_view name, const Stated& stated, std::vector<std::string>& problems) {
  if (stated.value == 0.0 && (stated.low > 0.0 || stated.high > 0.0)) {
    problems.push_back(fmt::format("{}: needs a value between low and high", name));
  }
  const Figure figure = stated.figure();
  if (stated.value > 0.0 && (figure.low > figure.value || figure.high < figure.value)) {
    problems.push_back(fmt::format("{}: low ({}) <= value ({}) <= high ({}) does not hold", name, figure.low,
                                   figure.value, figure.high));
  }
}

// Checks what a card of its unit must state; where sources state parts (an area without an energy), one will do.
void check_quantities(const UnitCard& card, std::vector<std::string>& problems) {
  const auto unit =
      std::find_if(known_units.begin(), known_units.end(), [&](const Unit& u) { return u.name == card.unit; });
  if (unit == known_units.end()) {
    std::vector<std::string> names;
    for (const Unit& known : known_units) names.emplace_back(known.name);
    const std::optional<std::string> meant = nearest(card.unit, names);
    problems.push_back(fmt::format("unit: expected one of {}, got '{}'{}", fmt::join(names, ", "), card.unit,
                                   meant ? fmt::format("; did you mean '{}'?", *meant) : ""));
    return;
  }
  std::string_view needs = unit->needs;
  std::vector<std::string_view> missing;
  while (!needs.empty()) {
    const std::string_view quantity = needs.substr(0, needs.find(' '));
    needs.remove_prefix(std::min(needs.size(), quantity.size() + 1));
    if (!states(card, quantity)) missing.push_back(quantity);
  }
  if (!missing.empty()) {
    problems.push_back(fmt::format("unit: a card of {} must state {}", card.unit, fmt::join(missing, ", ")));
  }
}

}  // namespace

std::span<const Unit> units() { return known_units; }

std::vector<const UnitCard*> UnitCards::of(std::string_view unit) const {
  std::vector<const UnitCard*> found;
  for (const UnitCard& card : cards_) {
    if (card.unit == unit) found.insert(card.preferred ? found.begin() : found.end(), &card);
  }
  if (found.empty()) throw LawBroken(fmt::format("unit cards: none of {}", unit));
  return found;
}

std::vector<std::string> UnitCards::problems() const {
  std::vector<std::string> problems;
  for (const Unit& unit : known_units) {
    std::vector<std::string> names;
    std::size_t preferred = 0;
    for (const UnitCard& card : cards_) {
      if (card.unit != unit.name) continue;
      names.push_back(card.provenance.card);
      if (card.preferred) ++preferred;
    }
    if (names.empty()) problems.push_back(fmt::format("unit {} ({}) has no card", unit.name, unit.doc));
    if (preferred > 1 || (names.size() > 1 && preferred == 0)) {
      problems.push_back(fmt::format("unit {}: exactly one of the cards {} must be preferred, {} are", unit.name,
                                     fmt::join(names, ", "), preferred));
    }
  }
  return problems;
}

UnitCard read_unit_card(const std::filesystem::path& file) {
  TomlReader reader(file);
  UnitCard card;
  card.provenance.card = file.stem().string();
  UnitCard::describe(reader, card);
  std::vector<std::string> problems;
  check_provenance(card.provenance, problems);
  check_quantities(card, problems);
  check_stated("energy_pj", card.energy_pj, problems);
  check_stated("write_pj", card.write_pj, problems);
  check_stated("area_um2", card.area_um2, problems);
  check_stated("leakage_nw_um2", card.leakage_nw_um2, problems);
  check_stated("capacitance_ff", card.capacitance_ff, problems);
  check_stated("resistance_ohm", card.resistance_ohm, problems);
  check_stated("density_ff_um2", card.density_ff_um2, problems);
  check_stated("mismatch_mv_um", card.mismatch_mv_um, problems);
  check_stated("factor", card.factor, problems);
  check_stated("area_factor", card.area_factor, problems);
  const bool follows_supply =
      card.leakage_nw_um2.value > 0.0 ||
      (card.energy_scales == Scales::logic && (card.energy_pj.value > 0.0 || card.write_pj.value > 0.0));
  if (follows_supply && card.supply_v == 0.0)
    problems.push_back("supply_v: energy and leakage follow the supply, so a card must state its nominal one");
  if (card.provenance.technology_nm == 0.0 &&
      (card.energy_scales == Scales::logic || card.area_scales == Scales::logic)) {
    problems.push_back(
        "technology_nm: a number that is scaled needs its node (or energy_scales = area_scales = \"none\")");
  }
  reader.finish(in_file(file, reader, problems));
  return card;
}

}  // namespace capcam
