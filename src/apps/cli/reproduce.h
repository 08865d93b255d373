// capcam reproduce [camformer|had|silicon]: reproduces published figures.
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace CLI {
class App;
}

namespace capcam {

void setup_reproduce(CLI::App& app);

}  // namespace capcam
