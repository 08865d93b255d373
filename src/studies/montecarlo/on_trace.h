// The effect of the sensing error on attention: replays a trace on machines drawn one after another.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <vector>

#include "stats/accuracy_meter.h"
#include "studies/montecarlo/montecarlo.h"

namespace capcam::montecarlo {

// Returns, for each condition, means over the machines (seeds from the configuration's on) and the worst head of all,
// against the reference `ideal` (capcam/accuracy.h). Throws InputError if the trace cannot be replayed.
std::vector<AccuracyFigures> accuracy_on(const std::filesystem::path& trace, const Request& request,
                                         std::uint32_t machines, const StopRequested& stop_requested);

}  // namespace capcam::montecarlo
