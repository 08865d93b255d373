// capcam compare CONFIG --baseline dense --trace FILE: compares with a dense digital attention unit.
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace CLI {
class App;
}

namespace capcam {

void setup_compare(CLI::App& app);

}  // namespace capcam
