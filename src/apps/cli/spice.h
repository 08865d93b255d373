// capcam spice CONFIG: writes a CAM row as a SPICE netlist.
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace CLI {
class App;
}

namespace capcam {

void setup_spice(CLI::App& app);

}  // namespace capcam
