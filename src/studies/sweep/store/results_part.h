// The part of a configuration that results depend on. Machines that agree in it give the same outputs, bit for bit, and
// so the same accuracy, which a sweep computes once.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "capcam/config.h"

namespace capcam {

// Sets every key to its default that only times, energies or areas depend on. A key that is not listed counts as one
// that results depend on, so that forgetting a key costs time, never correctness.
Config results_part(Config config);

// Returns that part as text. Configurations with equal texts have equal results.
std::string results_identity(const Config& config);

}  // namespace capcam
