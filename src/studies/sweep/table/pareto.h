// Which points no other point beats.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "studies/sweep/table/objective.h"

namespace capcam {

// A point's figures, one an objective; none: it has no such figure (and is never on the front).
using ObjectiveFigures = std::vector<std::optional<double>>;

// True for the points that no other dominates: as good in every objective and better in one. Equal points are all on
// the front.
std::vector<bool> pareto_front(const std::vector<Objective>& objectives, const std::vector<ObjectiveFigures>& points);

}  // namespace capcam
