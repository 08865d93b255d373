// SPDX-License-Identifier: Apache-2.0
#include "kernels/phases.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "config/conditions.h"

namespace capcam {
namespace {

constexpr double kohm_per_ohm = 1e-3;

// Returns the part of the way that is left after a time.
double left_after(double time_ns, double tau_ns) { return tau_ns <= 0.0 ? 0.0 : std::exp(-time_ns / tau_ns); }

struct Channels {
  Channel precharge = Channel::both, evaluation = Channel::both;
};

Channels channels(CellCircuit circuit) {
  switch (circuit) {
    case CellCircuit::discharge:
      return {Channel::p, Channel::n};
    case CellCircuit::charge:
      return {Channel::n, Channel::p};
    case CellCircuit::coupling:
      break;
  }
  return {};
}

}  // namespace

PhaseTimes phase_times(const Config& config) {
  const CircuitParams& c = config.sensing.circuit;
  const double search_ns = config.array.search_cycles / config.clock.frequency_ghz;
  const double rest = 1.0 - c.precharge_part - c.evaluation_part - c.sharing_part;
  return {c.precharge_part * search_ns, c.evaluation_part * search_ns, c.sharing_part * search_ns, rest * search_ns};
}

TimeConstants time_constants(const Config& config) {
  const CircuitParams& c = config.sensing.circuit;
  const Channels by = channels(c.cell_circuit);
  const double node_ff = c.cell_capacitance_ff + c.cell_parasitic_ff.value_or(0.0);
  const auto tau_ns = [&](Channel channel) {
    return ns_per_kohm_ff * actual_resistance_kohm(c, c.switch_resistance_kohm, channel) * node_ff;
  };
  return {tau_ns(by.precharge), tau_ns(by.evaluation)};
}

double search_line_delay_ns(const Config& config, std::uint32_t row) {
  const CircuitParams& c = config.sensing.circuit;
  const double rows = config.array.rows, n = row + 1.0;
  const double driver_kohm = actual_resistance_kohm(c, c.driver_resistance_kohm, Channel::p);
  const double wire_kohm = kohm_per_ohm * c.search_line_ohm_per_row.value_or(0.0);
  const double nearest_sum = n * (n + 1.0) / 2.0 + n * (rows - n);  // of min(k, n) over the rows k
  return std::numbers::ln2 * ns_per_kohm_ff * c.search_line_ff_per_row.value_or(0.0) *
         (driver_kohm * rows + wire_kohm * nearest_sum);
}

Unsettled unsettled(const Config& config, std::uint32_t row) {
  const CircuitParams& c = config.sensing.circuit;
  if (!c.settling) return {};
  const PhaseTimes time = phase_times(config);
  const TimeConstants tau = time_constants(config);
  Unsettled of_cell;
  of_cell.missing = left_after(time.precharge_ns, tau.precharge_ns);
  if (c.cell_circuit != CellCircuit::coupling) {
    const double evaluated_ns = std::max(0.0, time.evaluation_ns - search_line_delay_ns(config, row));
    of_cell.left = left_after(evaluated_ns, tau.evaluation_ns);
  }
  return of_cell;
}

double sampling_ff(const CircuitParams& c) {
  return std::min(c.matchline_capacitance_ff.value_or(0.0), c.sampling_capacitance_ff.value_or(0.0));
}

RowNetwork row_network(const Config& config, std::uint32_t used) {
  const CircuitParams& c = config.sensing.circuit;
  const bool couples = c.cell_circuit == CellCircuit::coupling;
  const double beside_ff = c.cell_parasitic_ff.value_or(0.0), sample_ff = sampling_ff(c);
  return {.cells = used,
          .couples = couples,
          .cell_ff = c.cell_capacitance_ff + (couples ? 0.0 : beside_ff),
          .plate_ff = couples ? beside_ff : 0.0,
          .switch_kohm = actual_resistance_kohm(c, c.switch_resistance_kohm, Channel::both),
          .wire_kohm = kohm_per_ohm * c.matchline_ohm_per_column.value_or(0.0),
          .node_ff = (c.matchline_capacitance_ff.value_or(0.0) - sample_ff) / used,
          .sampling_ff = sample_ff,
          .sampling_kohm = actual_resistance_kohm(c, c.sampling_resistance_kohm, Channel::both)};
}

}  // namespace capcam
