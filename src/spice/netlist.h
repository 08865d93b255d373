// A CAM row as a SPICE netlist: what kernels/matchline.h says in equations, as capacitors and switches.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "config/config.h"

namespace capcam {

// One row with these cells (true: matches) through precharge, share and hold. Ends with `.meas tran v_matchline`, the
// voltage at the moment the converter samples. Readable; switches are ideal but for their resistance, so that a user can
// put devices of a PDK in their place.
std::string row_netlist(const SensingParams& sensing, const std::vector<bool>& cells);

}  // namespace capcam
