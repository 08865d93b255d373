// SPDX-License-Identifier: Apache-2.0
#include "kernels/phases.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "config/conditions.h"

namespace capcam {
namespace {

constexpr double ns_per_kohm_ff = 1e-3, kohm_per_ohm = 1e-3;

// Returns the part of the way that is left after a time.
double left_after(double time_ns, double tau_ns) { return tau_ns <= 0.0 ? 0.0 : std::exp(-time_ns / tau_ns); }

double in_series(double a, double b) { return a + b <= 0.0 ? 0.0 : a * b / (a + b); }

// The capacitors that a row's charge spreads over, and what lies between them.
struct RowNetwork {
  double cells_ff, wire_ff, sampling_ff;
  double row_kohm, sampling_kohm;
};

RowNetwork network_of(const CircuitParams& c, std::uint32_t used_columns) {
  const bool couples = c.cell_circuit == CellCircuit::coupling;
  const double cell_ff = c.cell_capacitance_ff + (couples ? 0.0 : c.cell_parasitic_ff.value_or(0.0));
  const double line_ff = c.matchline_capacitance_ff.value_or(0.0);
  const double sampling_ff = std::min(line_ff, c.sampling_capacitance_ff.value_or(0.0));
  const double wire_kohm = kohm_per_ohm * c.matchline_ohm_per_column.value_or(0.0) * used_columns / 3.0;
  return {used_columns * cell_ff, line_ff - sampling_ff, sampling_ff,
          actual_resistance_kohm(c, c.switch_resistance_kohm) / used_columns + wire_kohm,
          actual_resistance_kohm(c, c.sampling_resistance_kohm)};
}

// Returns what the sampling capacitor has of its settled voltage. Of a charge of 1, x is the voltage between cells and
// matchline and y that between matchline and sampling capacitor:
//   x' = - p x + q y,  y' = r x - s y,  sampled = 1 - C_c (x + y) - C_w y.
double sampled_part(const RowNetwork& n, double sharing_ns, double sampling_ns) {
  constexpr double least_kohm = 1e-9, least_ff = 1e-6;
  const double cells = n.cells_ff, wire = std::max(n.wire_ff, least_ff), sample = n.sampling_ff;
  const double g = 1.0 / (ns_per_kohm_ff * std::max(n.row_kohm, least_kohm));
  const double h = 1.0 / (ns_per_kohm_ff * std::max(n.sampling_kohm, least_kohm));
  const double unshared = left_after(sharing_ns, in_series(cells, wire) / g);
  const double x = unshared / cells, y = (1.0 - unshared) / (cells + wire);
  const double p = g * (1.0 / cells + 1.0 / wire), q = h / wire, r = g / wire, s = h * (1.0 / wire + 1.0 / sample);
  const double determinant = g * h * (1.0 / (cells * wire) + 1.0 / (cells * sample) + 1.0 / (wire * sample));
  const double fast = -(p + s) / 2.0 - std::hypot((p - s) / 2.0, std::sqrt(q * r)), slow = determinant / fast;
  const double of_slow = std::exp(slow * sampling_ns) / (slow - fast);
  const double of_fast = std::exp(fast * sampling_ns) / (slow - fast);
  const double x_later = of_slow * ((-p - fast) * x + q * y) - of_fast * ((-p - slow) * x + q * y);
  const double y_later = of_slow * (r * x + (-s - fast) * y) - of_fast * (r * x + (-s - slow) * y);
  return 1.0 - cells * (x_later + y_later) - wire * y_later;
}

}  // namespace

PhaseTimes phase_times(const Config& config) {
  const CircuitParams& c = config.sensing.circuit;
  const double search_ns = config.array.search_cycles / config.clock.frequency_ghz;
  const double rest = 1.0 - c.precharge_part - c.evaluation_part - c.sharing_part;
  return {c.precharge_part * search_ns, c.evaluation_part * search_ns, c.sharing_part * search_ns, rest * search_ns};
}

TimeConstants time_constants(const Config& config, std::uint32_t used_columns) {
  const CircuitParams& c = config.sensing.circuit;
  const RowNetwork n = network_of(c, used_columns);
  TimeConstants tau;
  tau.cell_ns = ns_per_kohm_ff * actual_resistance_kohm(c, c.switch_resistance_kohm) *
                (c.cell_capacitance_ff + c.cell_parasitic_ff.value_or(0.0));
  tau.sharing_ns = ns_per_kohm_ff * n.row_kohm * in_series(n.cells_ff, n.wire_ff);
  tau.sampling_ns = ns_per_kohm_ff * (n.sampling_kohm + n.row_kohm) * in_series(n.sampling_ff, n.cells_ff + n.wire_ff);
  return tau;
}

double search_line_delay_ns(const Config& config, std::uint32_t row) {
  const CircuitParams& c = config.sensing.circuit;
  const double rows = config.array.rows, n = row + 1.0;
  const double driver_kohm = actual_resistance_kohm(c, c.driver_resistance_kohm);
  const double wire_kohm = kohm_per_ohm * c.search_line_ohm_per_row.value_or(0.0);
  const double nearest_sum = n * (n + 1.0) / 2.0 + n * (rows - n);  // of min(k, n) over the rows k
  return std::numbers::ln2 * ns_per_kohm_ff * c.search_line_ff_per_row.value_or(0.0) *
         (driver_kohm * rows + wire_kohm * nearest_sum);
}

Settled settled(const Config& config, std::uint32_t used_columns, std::uint32_t row) {
  const CircuitParams& c = config.sensing.circuit;
  if (!c.settling) return {};
  const PhaseTimes time = phase_times(config);
  const TimeConstants tau = time_constants(config, used_columns);
  const double evaluated_ns = std::max(0.0, time.evaluation_ns - search_line_delay_ns(config, row));
  Settled s;
  s.missing = left_after(time.precharge_ns, tau.cell_ns);
  double sharing_ns = time.sharing_ns;
  if (c.cell_circuit == CellCircuit::coupling) {
    sharing_ns += evaluated_ns;
  } else {
    s.left = left_after(evaluated_ns, tau.cell_ns);
  }
  const RowNetwork network = network_of(c, used_columns);
  s.sampled = network.sampling_ff > 0.0 ? sampled_part(network, sharing_ns, time.sampling_ns)
                                        : 1.0 - left_after(sharing_ns + time.sampling_ns, tau.sharing_ns);
  return s;
}

}  // namespace capcam
