// Warnings about a run that worked as requested: keys that do not fit, cores without work.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "capcam/config.h"
#include "capcam/run_stats.h"
#include "mapping/mapping.h"

namespace capcam {

std::vector<std::string> run_warnings(const RunStats& stats, const Config& config, const Mapping& mapping);

}  // namespace capcam
