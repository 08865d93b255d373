// Finds the points that no other point beats.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "studies/sweep/table/objective.h"

namespace capcam {

// A point's figures, one per objective. A point that lacks a figure is never on the front.
using ObjectiveFigures = std::vector<std::optional<double>>;

// Returns true for the points that no other dominates. A point dominates another if it is as good in every objective
// and better in one; equal points are all on the front.
std::vector<bool> pareto_front(const std::vector<Objective>& objectives, const std::vector<ObjectiveFigures>& points);

}  // namespace capcam
