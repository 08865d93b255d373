// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "stats/accuracy_meter.h"
#include "studies/montecarlo/montecarlo.h"

namespace capcam {

std::string condition_name(const montecarlo::Condition& condition);  // "ss -40 degC -10 %"

// `on_trace` has one entry per condition or is empty.
std::string montecarlo_table(const montecarlo::Request& request, const montecarlo::Outcome& outcome,
                             const std::vector<montecarlo::Without>& without,
                             const std::vector<AccuracyFigures>& on_trace);
std::string montecarlo_csv(const montecarlo::Request& request, const montecarlo::Outcome& outcome,
                           const std::vector<AccuracyFigures>& on_trace);

}  // namespace capcam
