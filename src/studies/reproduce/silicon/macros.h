// Published macros and converters as data, in the CSV form of models/silicon/macros.csv (models/silicon/README.md says
// what each column means). Columns stand in any order; any but name, kind and node_nm may be empty or missing.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "capcam/circuit.h"
#include "capcam/describe.h"

namespace capcam::silicon {

enum class MacroKind { charge_cim, digital_cam, converter };
inline constexpr Choice<MacroKind> macro_kinds[] = {
    {MacroKind::charge_cim, "charge_cim", "cells that share charge, and their converters"},
    {MacroKind::digital_cam, "digital_cam", "a content-addressable memory without charge sharing"},
    {MacroKind::converter, "converter", "a converter alone"},
};

enum class MacroConverter { sar, flash, sense };
inline constexpr Choice<MacroConverter> macro_converters[] = {
    {MacroConverter::sar, "sar", "successive approximation"},
    {MacroConverter::flash, "flash", "a comparator a threshold"},
    {MacroConverter::sense, "sense", "a sense amplifier"},
};

enum class Use { fit, left_out };
inline constexpr Choice<Use> use_kinds[] = {
    {Use::fit, "fit", "factors that cards leave open are fitted to it"},
    {Use::left_out, "left_out", "nothing is fitted to it"},
};

struct Macro {
  std::string name, capacitance_tag, source, tag, remark;
  MacroKind kind = MacroKind::charge_cim;
  double node_nm = 0.0;
  std::optional<double> supply_v, matchlines, cells_per_matchline, cell_capacitance_ff, converter_bits, converters,
      cycle_ns;
  std::optional<MacroConverter> converter;
  CellCircuit cell_circuit = CellCircuit::charge;
  Use use = Use::left_out;
  bool use_given = false;
  // Published figures.
  std::optional<double> array_pj, converter_pj, matchline_pj, array_mm2, converter_mm2, area_mm2, fj_per_bit;
};

// Throws InputError with every problem, by file, line and column.
std::vector<Macro> read_macros(const std::filesystem::path& file);

// Gives rows that do not say their use that of the shipped row of the same name: what cards were fitted to is no test.
void take_use_from(const std::vector<Macro>& shipped, std::vector<Macro>& macros);

}  // namespace capcam::silicon
