// Objectives that keys of a sweep leave alone, by its results.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "studies/sweep/store/store.h"
#include "studies/sweep/table/columns.h"
#include "studies/sweep/table/objective.h"
#include "studies/sweep/table/responses.h"

namespace capcam {

std::vector<Unmoved> unmoved_objectives(ResultStore& store, const SweepColumns& columns,
                                        const std::vector<Objective>& objectives);

}  // namespace capcam
