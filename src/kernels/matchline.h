// The voltage of a matchline after charge sharing, and the code a converter makes of it.
//
// Precharge: the capacitors of cells that match are charged to the supply V_s, the others and the matchline are
// discharged. Share: all are connected; charge is conserved. Hold: leakage takes charge away until the converter has
// sampled. With `used` cells of capacitance C, m of them matching, parasitic capacitance C_p, share switches of
// resistance R closed for the time t_s, injected charge Q and leakage I a cell over the time t (config/conditions.h
// says what supply, temperature and corner make of R, Q and I):
//
//   V(m) = (a V_s m C + Q - used I t) / (used C + C_p), kept between 0 and V_s,
//   a = 1 - exp(-t_s / tau), tau = R C C_p / (used C + C_p); 1 without R.
//
// (Charge conservation; the static part is the BA-CAM equation V_DD m C / (d C + C_p), CAMformer, arXiv 2511.19740.
// tau: the cells' mean voltage and the matchline's, joined by R / used; of equal cells, also where they differ. Without
// C_p the matchline is at the cells' mean at once. Then the switches open, and what the matchline was not given in t_s
// it does not get while it is held. Q and I t are spread over the whole row all the same, as if it were still joined: a
// simplification. If all of them stayed on a matchline cut off from its cells, they would count (used C + C_p) / C_p
// times as much.)
//
//   code = floor(y + 1/2), kept between 0 and 2^b - 1, y = x 2^b + offset + inl 4 x (1 - x), x = V / V_full:
//   V_full = (1 + reference error) times V_ref (nominal reference) or V_ref used C / (used C + C_p) (calibrated);
//   V_ref = supply_v, or V_s if the reference follows the supply.
//
// (A kind with decision levels of its own, capcam/converter.h: code = how many of them y / 2^b has reached.)
//
// Converters that read delays (kind time_domain) have no matchline: an edge runs through the cells, each that does not match delays it by one unit,
// and its arrival is digitised. With g the relative delay (config/conditions.h): x = (1 - g (used - m) / used) / (1 +
// reference error). Its converter was set up for typical cells.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "capcam/config.h"
#include "capcam/converter.h"

namespace capcam {

// In volts.
double matchline_voltage(const CircuitParams& circuit, std::uint32_t used_columns, std::uint32_t matches);
// The same with cells that differ: the sums of C_i / C over the cells that match and over all of them.
double matchline_voltage(const CircuitParams& circuit, std::uint32_t used_columns, double matching_cells,
                         double all_cells);
double full_scale_voltage(const CircuitParams& circuit, std::uint32_t used_columns);

// Charge that injection adds and leakage takes until the converter has sampled.
double added_charge_fc(const CircuitParams& circuit, std::uint32_t used_columns);
// Standard deviation of a cell's capacitance, a fraction: matching_coefficient / sqrt(C).
double mismatch_sigma(const CircuitParams& circuit);
// Standard deviation of the voltage, sqrt(kT / (used C + C_p)).
double thermal_noise_voltage(const CircuitParams& circuit, std::uint32_t used_columns);

// The share of a cell's charge that reaches the matchline in share_ns: a.
double settled_share(const CircuitParams& circuit, std::uint32_t used_columns);

// True if the converter's input is matches / used_columns of full scale: every error is off, or calibrated away.
bool matchline_is_ideal(const SensingParams& sensing);

// [matches]: the codes of a row with 0 .. used_columns matching cells. `converter`: make_converter(sensing).
std::vector<std::uint32_t> converter_codes(const Converter& converter, const SensingParams& sensing,
                                           std::uint32_t used_columns);

}  // namespace capcam
