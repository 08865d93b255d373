// The effects of supply, temperature and process corner on a circuit, by first-order textbook device models whose
// constants are estimates, not a foundry's. With the threshold shift d = +- corner_threshold_mv of the n-channel
// transistors (p for the p-channel ones), V_DD = supply_v, V_s = V_DD (1 + supply_error):
//
//   leakage     I(T) = leakage_pa 2^((T - 25 degC) / 10) exp(-d / (1.5 kT/q))      subthreshold, doubling every 10 degC
//   injection   Q    = injected_charge_fc (V_s - V_th - d) / (V_DD - V_th)         channel charge of an n-channel
//   switch resistance  R    = switch_resistance_kohm (V_DD - V_th) / (V_s - V_th - d)     a switch in its linear region
//   delay       g    = (T / 298.15 K)^1.5 [V_s / (V_s - V_th(T) - (d + p) / 2)^a] / [V_DD / (V_DD - V_th)^a]
//
// a = 1.3 (alpha-power law, Sakurai and Newton, IEEE JSSC 25(2), 1990); V_th(T) = threshold_v - 0.8 mV/K (T - 25 degC);
// T^1.5 is the mobility's.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "capcam/circuit.h"

namespace capcam {

double actual_supply_v(const CircuitParams& circuit);
// Returns the leakage of a cell.
double actual_leakage_pa(const CircuitParams& circuit);
// Returns the charge injected into a row.
double actual_injection_fc(const CircuitParams& circuit);
double actual_resistance_kohm(const CircuitParams& circuit);
// Returns a cell's delay relative to typical transistors at 25 degC and the nominal supply.
double relative_delay(const CircuitParams& circuit);

// Returns false if the supply is too low to turn a switch on at this corner.
bool switches_turn_on(const CircuitParams& circuit);

}  // namespace capcam
