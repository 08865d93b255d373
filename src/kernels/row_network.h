// How cells level out along the resistance of a matchline. Each of d cells hangs on the line by its switch R; the
// converter is at the end of column 0. As the cells of a ladder relax in d modes (the discrete cosine transform
// diagonalises it), the voltage at the end after the time t is sum_i w_i V_i / d with
//
//   w_i = 1 + 2 sum_{k = 1}^{d - 1} cos(k pi / 2 d) cos(k pi (2 i + 1) / 2 d) g_k exp(-t / (tau_k + R C')),
//   tau_k = r C' / (4 sin^2(k pi / 2 d)), g_k = tau_k / (tau_k + R C'),
//
// for equal cells and a line without capacitance of its own. An early cell weighs more, a far one less; the weights sum
// to d. So a matchline too long for its time is one whose cells seem to differ, and it is modelled as that.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "capcam/config.h"

namespace capcam {

// Returns w_i - 1 of each of `used` cells at the end of sampling; empty if it cannot move a code (a thousandth of an
// LSB). Coupling cells level out from the beginning of evaluation on, the others from that of sharing.
std::vector<double> ladder_weights(const Config& config, std::uint32_t used);

}  // namespace capcam
