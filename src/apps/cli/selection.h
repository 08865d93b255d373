// capcam selection CONFIG --trace FILE: shows which keys two-stage selection keeps.
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace CLI {
class App;
}

namespace capcam {

void setup_selection(CLI::App& app);

}  // namespace capcam
