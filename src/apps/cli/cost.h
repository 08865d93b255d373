// capcam cost CONFIG: shows area and energy of every component, with the card that each number comes from.
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace CLI {
class App;
}

namespace capcam {

void setup_cost(CLI::App& app);

}  // namespace capcam
