// The effects of supply, temperature and process corner on a circuit, by first-order textbook device models whose
// constants are estimates, not a foundry's. With the threshold shift d = +- corner_threshold_mv of the n-channel
// transistors (p of the p-channel ones), V_DD = supply_v, V_s = V_DD (1 + supply_error), V_1 = 1 V, T_0 = 298.15 K
// (25 degC), V_th(T) = threshold_v - 0.8 mV/K (T - T_0), o(x) = (V_s - V_th(T) - x) / (V_1 - V_th):
//
//   leakage     I    = leakage_pa (T / T_0)^2 exp(V_th / (n k T_0 / q) - (V_th(T) + x - e (V_s - V_1)) / (n k T / q)),
//                      the mean of x = d and x = p, as a cell has open switches of both kinds
//   injection   Q    = injected_charge_fc (o(d) + o(p)) / 2                          channel charge of both kinds
//   switch      R    = R_0 (T / T_0)^1.5 / o, o of its kind (linear region); a transmission gate has half of each:
//                      o = (o(d) + o(p)) / 2
//   current     I    = drive_current_ua (T_0 / T)^1.5 (O / (V_1 - V_th))^a, O = V_s - V_th(T) - (d + p) / 2
//   delay       t    = C V_s / (2 I)                 of an inverter with the load C, until V_s / 2
//   its spread       a s / O, s = threshold_mismatch_mv sqrt(40 uA / drive_current_ua)    d ln t / d V_th, Pelgrom
//   its jitter       sqrt(kT C (1 + 2 y V_s / O)) / I, y = 2/3: the load's kT / C, and the current's noise for the time
//   t latch            regeneration_ps, as the resistance of a transmission gate: C / g_m
//
// The keys hold for typical transistors at 25 degC and 1 V. Leakage is the subthreshold current with n = 1.5 and
// drain-induced barrier lowering e = 0.1; it vanishes towards absolute zero at every corner whose threshold stays above
// 0. a = 1.3 (alpha-power law, Sakurai and Newton, IEEE JSSC 25(2), 1990); the jitter is that of Abidi (IEEE JSSC
// 41(8), 2006); T^1.5: mobility. Thresholds and mobility follow these lines from -100 to 200 degC, the range of the
// key.
//
// Width ties what a switch costs to what it gains. A switch of resistance R_0 is W = switch_kohm_um / R_0 wide, it
// leaks switch_leakage_pa_per_um W, and its channel's charge spreads by switch_charge_mismatch_fc sqrt(W) (mismatch of
// the threshold goes with 1 / sqrt(W), charge with W). A cell has two open switches, a row one share switch per cell:
//
//   leakage_pa = 2 switch_leakage_pa_per_um W,  injected_charge_fc = switch_charge_mismatch_fc sqrt(W columns)
//
// unless these keys are given. A converter's sampling switch leaks and injects as one of these does, by its own width:
// leakage_pa / 2 times W_s / W, and half of injected_charge_fc / sqrt(columns) times sqrt(W_s / W), as the other half
// of its channel goes to the matchline.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "capcam/circuit.h"

namespace capcam {

// The current of a transistor as narrow as the technology makes it.
inline constexpr double smallest_drive_ua = 40.0;

double actual_supply_v(const CircuitParams& circuit);
double kelvin(const CircuitParams& circuit);
inline constexpr double boltzmann = 1.380649e-23;  // J/K, exact (SI)

// Return widths; 0 if the resistance is 0, of which none follows.
double switch_width_um(const CircuitParams& circuit);
double sampling_switch_width_um(const CircuitParams& circuit);
// Returns W_s / W; 1 where one of them has no width.
double sampling_switch_ratio(const CircuitParams& circuit);

// Return the leakage of a cell and of a sampling switch.
double actual_leakage_pa(const CircuitParams& circuit);
double actual_sampling_leakage_pa(const CircuitParams& circuit);
// Return the standard deviations of the charge injected into a row of an array of so many columns, and into a sampling
// capacitor.
double actual_injection_fc(const CircuitParams& circuit, std::uint32_t columns);
double actual_sampling_injection_fc(const CircuitParams& circuit, std::uint32_t columns);

// The transistors that a switch is made of.
enum class Channel { n, p, both };
// Returns a resistance of transistors that is `typical_kohm` under typical conditions.
double actual_resistance_kohm(const CircuitParams& circuit, double typical_kohm, Channel channel);
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
