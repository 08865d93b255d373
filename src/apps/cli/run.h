// capcam run: simulates a trace once.
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace CLI {
class App;
}

namespace capcam {

void setup_run(CLI::App& app);

}  // namespace capcam
