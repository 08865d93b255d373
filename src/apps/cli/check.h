// capcam check CONFIG: validates a configuration and describes it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace CLI {
class App;
}

namespace capcam {

void setup_check(CLI::App& app);

}  // namespace capcam
