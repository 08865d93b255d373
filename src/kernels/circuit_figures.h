// Works out what a configuration's circuit amounts to, without drawing anything (capcam/circuit_figures.h): the LSB,
// the time every phase needs for half an LSB and has, and the root mean square of every error.
//
// A phase of time constant tau needs tau ln(2^(b + 1)), after the search line has risen at the last row; sampling the
// time after which the row's network (kernels/row_readings.h) has a row of full scale within half an LSB; levelling out
// along the matchline the time of its slowest mode, tau_1 = r C' / (4 sin^2(pi / 2d)) + R C', from the worst pattern, 2
// / pi (1 - R C' / tau_1) of full scale. Errors that are the same in every search (leakage, settling, supply) are run
// through the model over all match counts; of drawn ones the standard deviations are added as squares, averaged over
// match counts that are equally likely:
//
//   mismatch    sigma 2^b / d sqrt((d - 1) / 6)      the mean of m (d - m) / d is (d - 1) / 6
//   levelling   sqrt(sum of (w_i - 1)^2 / 6) 2^b / d  the same for weights that sum to 0 (kernels/row_readings.h)
//   elements    e sqrt(2^b / 6)                      k of 2^b units: e sqrt(k (1 - k / 2^b))
//   bow         inl_lsb sqrt(8 / 15)                 the mean of (4 x (1 - x))^2
//   reference   reference_error 2^b / sqrt(3)        the mean of x^2
//   delays      g s 2^b sqrt(((1 + p)^2 + p^2) / (2 d))   half of the cells match; p = r v / s (kernels/delay_row.h)
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "capcam/circuit_figures.h"
#include "capcam/config.h"

namespace capcam {

// Returns the figures; absent for converters that read match counts.
std::optional<CircuitFigures> circuit_figures(const Config& config);

// Returns the bits of an ideal converter whose quantisation is as large as quantisation and error together.
double effective_bits(double bits, double rms_lsb);

}  // namespace capcam
