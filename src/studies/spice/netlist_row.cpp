// SPDX-License-Identifier: Apache-2.0
#include "studies/spice/netlist_row.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "config/conditions.h"
#include "kernels/cell_circuit.h"
#include "kernels/cell_mismatch.h"
#include "kernels/converter_mismatch.h"
#include "kernels/drawn_charge.h"
#include "kernels/matchline.h"
#include "kernels/row_readings.h"

namespace capcam {
namespace {

// The sums of a row's capacitances in units of a cell's, over the matching cells and over all.
struct Sums {
  double matching = 0.0, all = 0.0;
};

Sums sums_of(const Config& config, const RowCircuit& model, const NetlistRow& row) {
  const CircuitParams& circuit = config.sensing.circuit;
  const double beside_ff =
      circuit.cell_circuit == CellCircuit::coupling ? 0.0 : circuit.cell_parasitic_ff.value_or(0.0);
  const std::vector<double>& weights = model.readings().row(row.row).weights;
  Sums sums;
  for (std::size_t i = 0; i < row.matches.size(); ++i) {
    const double cell = (row.capacitance_ff[i] + beside_ff) / model.cell_ff();
    sums.all += cell;
    if (row.matches[i]) sums.matching += cell + (weights.empty() ? 0.0 : weights[i]);
  }
  return sums;
}

}  // namespace

NetlistRow drawn_row(const Config& config, std::uint32_t core, std::uint32_t array, std::uint32_t row,
                     std::vector<bool> matches) {
  const CircuitParams& circuit = config.sensing.circuit;
  const auto used = static_cast<std::uint32_t>(matches.size());
  NetlistRow drawn{row, std::move(matches), std::vector<double>(used, circuit.cell_capacitance_ff), {}};
  const ConverterMismatch converters(config.sensing, config.seed, core, array, config.array.rows);
  drawn.injected = {actual_injection_fc(circuit, config.array.columns) * converters.injection(row),
                    actual_sampling_injection_fc(circuit, config.array.columns) * converters.sampling_injection(row)};
  if (circuit.matching_coefficient == 0.0) return drawn;
  const CellMismatch cells(config.seed, core, array, config.array.rows, config.array.columns);
  const double sigma = circuit.matching_coefficient / std::sqrt(circuit.cell_capacitance_ff);
  for (std::uint32_t i = 0; i < used; ++i)
    drawn.capacitance_ff[i] *= 1.0 + sigma / CellMismatch::steps_per_sigma * cells.row(row)[i];
  return drawn;
}

double expected_voltage(const Config& config, const NetlistRow& row) {
  const std::unique_ptr<const Converter> converter = make_converter(config.sensing);
  const RowCircuit model(config, *converter, static_cast<std::uint32_t>(row.matches.size()));
  const Sums sums = sums_of(config, model, row);
  return model.voltage(row.row, sums.matching, sums.all, row.injected);
}

double expected_charge_fc(const Config& config, const NetlistRow& row) {
  const CircuitParams& c = config.sensing.circuit;
  const auto used = static_cast<double>(row.matches.size());
  const auto matches = static_cast<double>(std::count(row.matches.begin(), row.matches.end(), true));
  if (c.settling)
    return DrawnCharge(config, static_cast<std::uint32_t>(row.matches.size()), row.row).after_fc(matches, 2);
  return supply_charge(c.cell_circuit, actual_supply_v(c), used, c.cell_capacitance_ff,
                       c.cell_parasitic_ff.value_or(0.0), c.matchline_capacitance_ff.value_or(0.0))
      .of_row_fc(used, matches);
}

}  // namespace capcam
