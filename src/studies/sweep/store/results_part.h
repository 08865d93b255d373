// The part of a configuration that decides results. Machines that differ in nothing else give the same outputs, bit for
// bit, and so the same accuracy: a sweep computes them once.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "capcam/config.h"

namespace capcam {

// Every key that only decides times, energies or areas at its default. A key that is not named there counts as
// deciding: forgetting one costs time, never rightness.
Config results_part(Config config);

// The same as text, equal for configurations whose results are.
std::string results_identity(const Config& config);

}  // namespace capcam
