// capcam explain [KEY]: explains every key with default, range, unit and text.
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace CLI {
class App;
}

namespace capcam {

void setup_explain(CLI::App& app);

}  // namespace capcam
