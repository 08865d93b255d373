// A first look at a sweep before it runs: does any key that varies move its objectives?
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <vector>

#include "studies/sweep/file/plan.h"
#include "studies/sweep/file/sweep_trace.h"
#include "studies/sweep/table/objective.h"

namespace capcam {

// Simulates the first point and, of each key, one point that differs from it in this key (and those linked with it)
// alone, without accuracy. Throws InputError that names every objective which all of them leave the same: it would
// choose among points by chance. Objectives of accuracy are not looked at.
void refuse_unmoved_objectives(const SweepPlan& plan, const SweepTraces& traces,
                               const std::vector<Objective>& objectives, const std::function<bool()>& stop_requested);

}  // namespace capcam
