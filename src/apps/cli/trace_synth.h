// capcam trace synth: makes a synthetic trace, on request in the shape of a real model.
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace CLI {
class App;
}

namespace capcam {

void setup_trace_synth(CLI::App& trace);

}  // namespace capcam
