// capcam trace import: makes a trace from another simulator's workload table.
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace CLI {
class App;
}

namespace capcam {

void setup_trace_import(CLI::App& trace);

}  // namespace capcam
