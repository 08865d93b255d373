// What the user should know of a run that went well.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/config.h"
#include "mapping/mapping.h"
#include "stats/run_stats.h"

namespace capcam {

void add_warnings(RunStats& stats, const Config& config, const Mapping& mapping);

}  // namespace capcam
