// capcam sweep: simulates many machines on one or more traces.
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace CLI {
class App;
}

namespace capcam {

void setup_sweep(CLI::App& app);

}  // namespace capcam
