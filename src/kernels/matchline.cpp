// SPDX-License-Identifier: Apache-2.0
#include "kernels/matchline.h"

#include <algorithm>
#include <cmath>

#include "capcam/error.h"
#include "config/conditions.h"

namespace capcam {
namespace {

constexpr double fc_per_pa_ns = 1e-6;  // 1 pA x 1 ns = 1e-21 C

double row_capacitance_ff(const CircuitParams& circuit, std::uint32_t used_columns) {
  return used_columns * circuit.cell_capacitance_ff + circuit.matchline_capacitance_ff;
}

bool shares_charge_ideally(const CircuitParams& c) {
  const bool gain = (c.supply_error == 0.0 || c.reference_follows_supply) &&
                    (c.matchline_capacitance_ff == 0.0 || c.reference == Reference::calibrated) &&
                    (c.switch_resistance_kohm == 0.0 || c.matchline_capacitance_ff == 0.0);
  return gain && c.injected_charge_fc == 0.0 && c.leakage_pa * c.hold_ns == 0.0;
}

bool input_is_ideal(ConverterInput input, const CircuitParams& c) {
  if (input == ConverterInput::match_count) return true;
  if (c.reference_error != 0.0 || c.offset_lsb != 0.0 || c.inl_lsb != 0.0) return false;
  return input == ConverterInput::delay ? relative_delay(c) == 1.0 : shares_charge_ideally(c);
}

// Returns the converter's input as a fraction of its full scale.
double full_scale_fraction(ConverterInput input, const CircuitParams& c, std::uint32_t used_columns,
                           std::uint32_t matches) {
  switch (input) {
    case ConverterInput::match_count:
      return static_cast<double>(matches) / used_columns;
    case ConverterInput::charge:
      return matchline_voltage(c, used_columns, matches) / full_scale_voltage(c, used_columns);
    case ConverterInput::delay: {
      const double late = relative_delay(c) * (used_columns - matches) / used_columns;
      return std::max(0.0, 1.0 - late) / (1.0 + c.reference_error);
    }
  }
  throw LawBroken("full_scale_fraction: unknown input");
}

}  // namespace

double matchline_voltage(const CircuitParams& circuit, std::uint32_t used_columns, std::uint32_t matches) {
  return matchline_voltage(circuit, used_columns, matches, used_columns);
}

double matchline_voltage(const CircuitParams& circuit, std::uint32_t used_columns, double matching_cells,
                         double all_cells) {
  const double supply_v = actual_supply_v(circuit);
  const double charge_fc =
      settled_share(circuit, used_columns) * supply_v * matching_cells * circuit.cell_capacitance_ff +
      added_charge_fc(circuit, used_columns);
  const double capacitance_ff = all_cells * circuit.cell_capacitance_ff + circuit.matchline_capacitance_ff;
  return std::clamp(charge_fc / capacitance_ff, 0.0, supply_v);
}

double full_scale_voltage(const CircuitParams& circuit, std::uint32_t used_columns) {
  const double share = circuit.reference == Reference::nominal
                           ? 1.0
                           : used_columns * circuit.cell_capacitance_ff / row_capacitance_ff(circuit, used_columns);
  const double reference_v = circuit.reference_follows_supply ? actual_supply_v(circuit) : circuit.supply_v;
  return reference_v * share * (1.0 + circuit.reference_error);
}

double added_charge_fc(const CircuitParams& circuit, std::uint32_t used_columns) {
  return actual_injection_fc(circuit) - used_columns * actual_leakage_pa(circuit) * circuit.hold_ns * fc_per_pa_ns;
}

double settled_share(const CircuitParams& c, std::uint32_t used_columns) {
  if (c.switch_resistance_kohm == 0.0 || c.matchline_capacitance_ff == 0.0) return 1.0;
  // The capacitance through which a cell shares its charge.
  const double series_ff = c.cell_capacitance_ff * c.matchline_capacitance_ff / row_capacitance_ff(c, used_columns);
  const double tau_ns = actual_resistance_kohm(c) * series_ff * 1e-3;  // kOhm fF = ps
  return -std::expm1(-c.share_ns / tau_ns);
}

double mismatch_sigma(const CircuitParams& circuit) {
  return circuit.matching_coefficient / std::sqrt(circuit.cell_capacitance_ff);
}

double thermal_noise_voltage(const CircuitParams& circuit, std::uint32_t used_columns) {
  constexpr double boltzmann = 1.380649e-23;  // J/K, exact (SI)
  const double kelvin = circuit.temperature_c + 273.15;
  return std::sqrt(boltzmann * kelvin / (row_capacitance_ff(circuit, used_columns) * 1e-15));
}

bool matchline_is_ideal(const SensingParams& sensing) {
  return input_is_ideal(make_converter(sensing)->input(), sensing.circuit);
}

std::vector<std::uint32_t> converter_codes(const Converter& converter, const SensingParams& sensing,
                                           std::uint32_t used_columns) {
  std::vector<std::uint32_t> codes;
  const CircuitParams& circuit = sensing.circuit;
  const double levels = std::exp2(sensing.bits);
  const std::vector<double> decisions = converter.decision_levels();
  const bool ideal = input_is_ideal(converter.input(), circuit);
  for (std::uint32_t matches = 0; matches <= used_columns; ++matches) {
    if (converter.input() == ConverterInput::match_count) {
      codes.push_back(matches);
      continue;
    }
    // Halves stay exact, as an ideal matchline's quotient is rounded once and decision levels are 2^-17 apart.
    double x = static_cast<double>(matches) / used_columns, y = x * levels;
    if (!ideal) {
      x = full_scale_fraction(converter.input(), circuit, used_columns, matches);
      y = x * levels + circuit.offset_lsb + circuit.inl_lsb * 4.0 * x * (1.0 - x);
    }
    const double code =
        decisions.empty()
            ? std::floor(y + 0.5)
            : static_cast<double>(std::upper_bound(decisions.begin(), decisions.end(), y / levels) - decisions.begin());
    codes.push_back(static_cast<std::uint32_t>(std::clamp(code, 0.0, levels - 1.0)));
  }
  return codes;
}

}  // namespace capcam
