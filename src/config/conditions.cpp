// SPDX-License-Identifier: Apache-2.0
#include "config/conditions.h"

#include <algorithm>
#include <cmath>

namespace capcam {
namespace {

constexpr double typical_c = 25.0, zero_c_in_k = 273.15, typical_k = typical_c + zero_c_in_k;
constexpr double thermal_v_per_k = 8.617333262e-5;  // k/q
constexpr double typical_supply_v = 1.0;            // at which leakage, injection and resistances hold
constexpr double subthreshold_slope = 1.5, barrier_lowering = 0.1;
constexpr double velocity_saturation = 1.3, threshold_v_per_k = 0.8e-3, mobility_exponent = 1.5;
constexpr double least_overdrive_v = 0.05;
constexpr double ps_per_ff_v_ua = 1e3;  // 1 fF x 1 V / 1 uA = 1 ns

double n_shift_v(const CircuitParams& c) {
  const bool slow = c.corner == Corner::ss || c.corner == Corner::sf;
  const bool fast = c.corner == Corner::ff || c.corner == Corner::fs;
  return (slow ? 1.0 : fast ? -1.0 : 0.0) * c.corner_threshold_mv * 1e-3;
}

double p_shift_v(const CircuitParams& c) {
  const bool slow = c.corner == Corner::ss || c.corner == Corner::fs;
  const bool fast = c.corner == Corner::ff || c.corner == Corner::sf;
  return (slow ? 1.0 : fast ? -1.0 : 0.0) * c.corner_threshold_mv * 1e-3;
}

double threshold_at_v(const CircuitParams& c) {
  return c.threshold_v - threshold_v_per_k * (c.temperature_c - typical_c);
}

double overdrive_ratio(const CircuitParams& c) {
  return (actual_supply_v(c) - threshold_at_v(c) - n_shift_v(c)) / (typical_supply_v - c.threshold_v);
}

double mobility_loss(const CircuitParams& c) { return std::pow(kelvin(c) / typical_k, mobility_exponent); }

double delay_threshold_v(const CircuitParams& c) { return threshold_at_v(c) + 0.5 * (n_shift_v(c) + p_shift_v(c)); }

}  // namespace

double actual_supply_v(const CircuitParams& c) { return c.supply_v * (1.0 + c.supply_error); }

double kelvin(const CircuitParams& c) { return c.temperature_c + zero_c_in_k; }

double actual_leakage_pa(const CircuitParams& c) {
  if (c.leakage_pa == 0.0) return 0.0;
  const double ratio = kelvin(c) / typical_k, slope_v = subthreshold_slope * thermal_v_per_k * typical_k;
  const double barrier_v =
      threshold_at_v(c) + n_shift_v(c) - barrier_lowering * (actual_supply_v(c) - typical_supply_v);
  return c.leakage_pa * ratio * ratio * std::exp((c.threshold_v - barrier_v / ratio) / slope_v);
}

double actual_injection_fc(const CircuitParams& c) {
  return c.injected_charge_fc == 0.0 ? 0.0 : c.injected_charge_fc * overdrive_ratio(c);
}

double actual_resistance_kohm(const CircuitParams& c, double typical_kohm) {
  return typical_kohm == 0.0 ? 0.0 : typical_kohm * mobility_loss(c) / overdrive_ratio(c);
}

double drive_current_ua(const CircuitParams& c) {
  const double overdrive_ratio = (actual_supply_v(c) - delay_threshold_v(c)) / (typical_supply_v - c.threshold_v);
  return c.drive_current_ua * std::pow(overdrive_ratio, velocity_saturation) / mobility_loss(c);
}

double delay_ps(const CircuitParams& c, double capacitance_ff) {
  return ps_per_ff_v_ua * capacitance_ff * actual_supply_v(c) / (2.0 * drive_current_ua(c));
}

double typical_delay_ps(const CircuitParams& c, double capacitance_ff) {
  return ps_per_ff_v_ua * capacitance_ff * typical_supply_v / (2.0 * c.drive_current_ua);
}

double jitter_ps(const CircuitParams& c, double capacitance_ff) {
  constexpr double excess = 2.0 / 3.0;
  const double supply_v = actual_supply_v(c);
  const double of_current = 2.0 * excess * supply_v / (supply_v - delay_threshold_v(c));
  const double charge_fc = std::sqrt(boltzmann * kelvin(c) * capacitance_ff * 1e-15 * (1.0 + of_current)) * 1e15;
  return ps_per_ff_v_ua * charge_fc / drive_current_ua(c);
}

CircuitParams nominal(const CircuitParams& given) {
  CircuitParams c = given;
  c.supply_error = 0.0;
  c.corner = Corner::tt;
  c.temperature_c = typical_c;
  return c;
}

double relative_delay(const CircuitParams& c) { return delay_ps(c, 1.0) / delay_ps(nominal(c), 1.0); }

double drive_widths(const CircuitParams& c) { return std::max(1.0, c.drive_current_ua / smallest_drive_ua); }

double delay_sigma(const CircuitParams& c) {
  return c.threshold_mismatch_mv == 0.0 ? 0.0
                                        : velocity_saturation * c.threshold_mismatch_mv * 1e-3 /
                                              std::sqrt(drive_widths(c)) / (actual_supply_v(c) - delay_threshold_v(c));
}

bool switches_turn_on(const CircuitParams& c) {
  const double supply_v = actual_supply_v(c);
  return supply_v - threshold_at_v(c) - n_shift_v(c) >= least_overdrive_v &&
         supply_v - delay_threshold_v(c) >= least_overdrive_v && c.supply_v - c.threshold_v >= least_overdrive_v &&
         typical_supply_v - c.threshold_v >= least_overdrive_v;
}

}  // namespace capcam
