// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>

namespace capcam {

void setup_montecarlo(CLI::App& app);

}  // namespace capcam
