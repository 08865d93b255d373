// The decisions of a converter's comparators. A latch amplifies what it compares by exp(t / tau) in the time t, tau =
// regeneration_ps at supply, corner and temperature, until it reaches the supply V_s (Evans et al., Comparator
// Metastability Analysis, 1997). It has half of its decision_cycles (capcam/converter.h) for that; in the other half it
// is reset and its reference settles. A difference below
//
//   V_m = V_s exp(-t / tau)
//
// has not been decided then and reads as chance: as if V_m were added to it or taken away. It is drawn as a normal of
// that standard deviation for every conversion (with `settling`; else there is time enough).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "capcam/config.h"
#include "capcam/converter.h"

namespace capcam {

// Returns the time that a latch has to regenerate.
double decision_ns(const Config& config, const Converter& converter);
// Returns the time that it needs for a difference of half of volts_per_lsb.
double needed_decision_ns(const Config& config, double volts_per_lsb);
// Returns V_m; 0 without settling, and where it is below 1e-10 of the supply.
double undecided_v(const Config& config, const Converter& converter);

}  // namespace capcam
