// capcam trace: looks at, validates and makes traces.
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace CLI {
class App;
}

namespace capcam {

void setup_trace(CLI::App& app);

}  // namespace capcam
