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

double overdrive_ratio(const CircuitParams& c, double shift_v) {
  return (actual_supply_v(c) - threshold_at_v(c) - shift_v) / (typical_supply_v - c.threshold_v);
}

double overdrive_ratio(const CircuitParams& c, Channel channel) {
  const double n = overdrive_ratio(c, n_shift_v(c)), p = overdrive_ratio(c, p_shift_v(c));
  return channel == Channel::n ? n : channel == Channel::p ? p : 0.5 * (n + p);
}

// Returns what conditions make of a leakage.
double leakage_ratio(const CircuitParams& c) {
  const double ratio = kelvin(c) / typical_k, slope_v = subthreshold_slope * thermal_v_per_k * typical_k;
  const auto of = [&](double shift_v) {
    const double barrier_v = threshold_at_v(c) + shift_v - barrier_lowering * (actual_supply_v(c) - typical_supply_v);
    return ratio * ratio * std::exp((c.threshold_v - barrier_v / ratio) / slope_v);
  };
  return 0.5 * (of(n_shift_v(c)) + of(p_shift_v(c)));
}

double typical_leakage_pa(const CircuitParams& c) {
  constexpr double open_switches = 2.0;  // of precharge (or reset) and evaluation
  return c.leakage_pa.value_or(open_switches * c.switch_leakage_pa_per_um * switch_width_um(c));
}

double typical_injection_fc(const CircuitParams& c, std::uint32_t columns) {
  return c.injected_charge_fc.value_or(c.switch_charge_mismatch_fc * std::sqrt(switch_width_um(c) * columns));
}

double mobility_loss(const CircuitParams& c) { return std::pow(kelvin(c) / typical_k, mobility_exponent); }

double delay_threshold_v(const CircuitParams& c) { return threshold_at_v(c) + 0.5 * (n_shift_v(c) + p_shift_v(c)); }

}  // namespace

double actual_supply_v(const CircuitParams& c) { return c.supply_v * (1.0 + c.supply_error); }

double kelvin(const CircuitParams& c) { return c.temperature_c + zero_c_in_k; }

double switch_width_um(const CircuitParams& c) {
  return c.switch_resistance_kohm > 0.0 ? c.switch_kohm_um / c.switch_resistance_kohm : 0.0;
}

double sampling_switch_width_um(const CircuitParams& c) {
  return c.sampling_resistance_kohm > 0.0 ? c.switch_kohm_um / c.sampling_resistance_kohm : 0.0;
}

double sampling_switch_ratio(const CircuitParams& c) {
  const double width = switch_width_um(c), sampling = sampling_switch_width_um(c);
  return width > 0.0 && sampling > 0.0 ? sampling / width : 1.0;
}

double actual_leakage_pa(const CircuitParams& c) {
  const double typical = typical_leakage_pa(c);
  return typical == 0.0 ? 0.0 : typical * leakage_ratio(c);
}

double actual_sampling_leakage_pa(const CircuitParams& c) {
  return 0.5 * actual_leakage_pa(c) * sampling_switch_ratio(c);
}

double actual_injection_fc(const CircuitParams& c, std::uint32_t columns) {
  const double typical = typical_injection_fc(c, columns);
  return typical == 0.0 ? 0.0 : typical * overdrive_ratio(c, Channel::both);
}

double actual_sampling_injection_fc(const CircuitParams& c, std::uint32_t columns) {
  return 0.5 * actual_injection_fc(c, columns) * std::sqrt(sampling_switch_ratio(c) / columns);
}

double actual_resistance_kohm(const CircuitParams& c, double typical_kohm, Channel channel) {
  return typical_kohm == 0.0 ? 0.0 : typical_kohm * mobility_loss(c) / overdrive_ratio(c, channel);
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
         supply_v - threshold_at_v(c) - p_shift_v(c) >= least_overdrive_v &&
         c.supply_v - c.threshold_v >= least_overdrive_v && typical_supply_v - c.threshold_v >= least_overdrive_v;
}

}  // namespace capcam
