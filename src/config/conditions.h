// The effects of supply, temperature and process corner on a circuit, by first-order textbook device models whose
// constants are estimates, not a foundry's. With the threshold shift d = +- corner_threshold_mv of the n-channel
// transistors (p for the p-channel ones), V_DD = supply_v, V_s = V_DD (1 + supply_error), V_1 = 1 V, T_0 = 298.15 K
// (25 degC), V_th(T) = threshold_v - 0.8 mV/K (T - T_0):
//
//   leakage     I    = leakage_pa (T / T_0)^2 exp(V_th / (n k T_0 / q) - (V_th(T) + d - e (V_s - V_1)) / (n k T / q))
//   injection   Q    = injected_charge_fc (V_s - V_th(T) - d) / (V_1 - V_th)          channel charge of an n-channel
//   switch      R    = R_0 (T / T_0)^1.5 (V_1 - V_th) / (V_s - V_th(T) - d)           in its linear region
//   current     I    = drive_current_ua (T_0 / T)^1.5 (O / (V_1 - V_th))^a, O = V_s - V_th(T) - (d + p) / 2
//   delay       t    = C V_s / (2 I)                 of an inverter with the load C, until V_s / 2
//   its spread       a s / O, s = threshold_mismatch_mv sqrt(40 uA / drive_current_ua)    d ln t / d V_th, Pelgrom
//   its jitter       sqrt(kT C (1 + 2 y V_s / O)) / I, y = 2/3: the load's kT / C, and the current's noise for the time
//   t latch            regeneration_ps, as a resistance: C / g_m
//
// The keys hold for typical transistors at 25 degC and 1 V. Leakage is the subthreshold current with n = 1.5 and
// drain-induced barrier lowering e = 0.1; it vanishes towards absolute zero at every corner whose threshold stays above
// 0. a = 1.3 (alpha-power law, Sakurai and Newton, IEEE JSSC 25(2), 1990); the jitter is that of Abidi (IEEE JSSC
// 41(8), 2006); T^1.5: mobility. Thresholds and mobility follow these lines from -100 to 200 degC, the range of the
// key.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "capcam/circuit.h"

namespace capcam {

// The current of a transistor as narrow as the technology makes it.
inline constexpr double smallest_drive_ua = 40.0;

double actual_supply_v(const CircuitParams& circuit);
double kelvin(const CircuitParams& circuit);
inline constexpr double boltzmann = 1.380649e-23;  // J/K, exact (SI)
// Returns the leakage of a cell.
double actual_leakage_pa(const CircuitParams& circuit);
// Returns the standard deviation of the charge injected into a row.
double actual_injection_fc(const CircuitParams& circuit);
// Returns a resistance of transistors that is `typical_kohm` under typical conditions.
double actual_resistance_kohm(const CircuitParams& circuit, double typical_kohm);
// Returns the current that moves an edge, halfway between n- and p-channel transistors, as edges rise and fall in turn.
double drive_current_ua(const CircuitParams& circuit);
// Returns the delay of an inverter with a load, and its standard deviation from edge to edge.
double delay_ps(const CircuitParams& circuit, double capacitance_ff);
double jitter_ps(const CircuitParams& circuit, double capacitance_ff);
// Returns the delay of typical transistors at 25 degC and 1 V.
double typical_delay_ps(const CircuitParams& circuit, double capacitance_ff);
// Returns typical transistors at 25 degC and the nominal supply.
CircuitParams nominal(const CircuitParams& circuit);
// Returns a delay relative to that under nominal conditions.
double relative_delay(const CircuitParams& circuit);
// Returns how much wider a delaying transistor is than the smallest.
double drive_widths(const CircuitParams& circuit);
// Returns the standard deviation of a delay by its transistor, as a fraction of it.
double delay_sigma(const CircuitParams& circuit);

// Returns false if the supply is too low to turn a switch on at this corner.
bool switches_turn_on(const CircuitParams& circuit);

}  // namespace capcam
