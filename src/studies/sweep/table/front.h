// Finds the Pareto front of stored results.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "studies/sweep/store/store.h"
#include "studies/sweep/table/objective.h"

namespace capcam {

// Returns the objectives of the sweep in the store.
std::vector<Objective> stored_objectives(ResultStore& store);

// Returns one entry per point, in the order of the sweep. Points without a result are not on the front.
std::vector<bool> front_of(ResultStore& store, const std::vector<Objective>& objectives);

// Writes the front into the store, and which objectives did not respond to which keys.
void mark_front(ResultStore& store);

}  // namespace capcam
