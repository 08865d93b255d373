// What the sensing error does to attention: a trace replayed on machines drawn one after another.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <vector>

#include "stats/accuracy_meter.h"
#include "studies/montecarlo/montecarlo.h"

namespace capcam::montecarlo {

// Against the reference `ideal` (stats/accuracy.h), a condition each: means over the machines (seeds from the
// configuration's on), the worst head of all of them. Throws InputError for a trace that cannot be replayed.
std::vector<AccuracyFigures> accuracy_on(const std::filesystem::path& trace, const Request& request,
                                         std::uint32_t machines, const StopRequested& stop_requested);

}  // namespace capcam::montecarlo
