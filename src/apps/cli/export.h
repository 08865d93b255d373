// capcam export: writes the points of a sweep as CSV.
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace CLI {
class App;
}

namespace capcam {

void setup_export(CLI::App& app);

}  // namespace capcam
