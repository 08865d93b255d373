// The voltage of a matchline after charge sharing, and the code that a converter makes of it.
//
// Precharge charges the capacitors of cells that match to the supply V_s and discharges the others and the matchline.
// Share connects all of them; charge is conserved. During hold, leakage takes charge away until the converter has
// sampled. There are `used` cells of capacitance C, m of them matching, a parasitic capacitance C_p, share switches of
// resistance R that are closed for the time t_s, an injected charge Q, and a leakage I per cell over the time t
// (config/conditions.h derives R, Q and I from supply, temperature and corner):
//
//   V(m) = (a V_s m C + Q - used I t) / (used C + C_p), kept between 0 and V_s,
//   a = 1 - exp(-t_s / tau) with tau = R C C_p / (used C + C_p); a = 1 without R.
//
// The static part is the BA-CAM equation V_DD m C / (d C + C_p) (CAMformer, arXiv 2511.19740). tau is that of the
// cells' mean voltage and the matchline's, joined by R / used; it takes equal cells even where cells differ. Without
// C_p the matchline is at the cells' mean at once. After t_s the switches open, and the matchline gets no more of the
// cells' charge. As a simplification, Q and I t are spread over the whole row as if it were still joined. If all of
// them stayed on a matchline that is cut off from its cells, they would count (used C + C_p) / C_p times as much.
//
//   code = floor(y + 1/2), kept between 0 and 2^b - 1, y = x 2^b + offset + inl 4 x (1 - x), x = V / V_full:
//   V_full = (1 + reference error) times V_ref (nominal reference) or V_ref used C / (used C + C_p) (calibrated);
//   V_ref = supply_v, or V_s if the reference follows the supply.
//
// The code of a kind with decision levels of its own (capcam/converter.h) is the number of levels that y / 2^b reaches.
//
// Converters that read delays (kind time_domain) have no matchline: an edge runs through the cells, each cell that does
// not match delays it by one unit, and its arrival is digitised. With the relative delay g (config/conditions.h), x =
// (1 - g (used - m) / used) / (1 + reference error). Such a converter was set up for typical cells.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "capcam/config.h"
#include "capcam/converter.h"

namespace capcam {

// Returns volts.
double matchline_voltage(const CircuitParams& circuit, std::uint32_t used_columns, std::uint32_t matches);
// Does the same for cells that differ, by the sums of C_i / C over the matching cells and over all cells.
double matchline_voltage(const CircuitParams& circuit, std::uint32_t used_columns, double matching_cells,
                         double all_cells);
double full_scale_voltage(const CircuitParams& circuit, std::uint32_t used_columns);

// Returns the charge that injection adds and leakage takes until the converter has sampled.
double added_charge_fc(const CircuitParams& circuit, std::uint32_t used_columns);
// Returns the standard deviation of a cell's capacitance as a fraction, matching_coefficient / sqrt(C).
double mismatch_sigma(const CircuitParams& circuit);
// Returns the standard deviation of the voltage, sqrt(kT / (used C + C_p)).
double thermal_noise_voltage(const CircuitParams& circuit, std::uint32_t used_columns);

// Returns a, the share of a cell's charge that reaches the matchline in share_ns.
double settled_share(const CircuitParams& circuit, std::uint32_t used_columns);

// Returns true if every error is off or calibrated away, so that the input is matches / used_columns of full scale.
bool matchline_is_ideal(const SensingParams& sensing);

// Returns [matches], the codes of a row with 0 .. used_columns matching cells. `converter` is make_converter(sensing).
std::vector<std::uint32_t> converter_codes(const Converter& converter, const SensingParams& sensing,
                                           std::uint32_t used_columns);

}  // namespace capcam
