// Writes the points of a sweep as CSV.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <iosfwd>
#include <vector>

#include "studies/sweep/table/columns.h"
#include "studies/sweep/table/objective.h"

namespace capcam {

// Writes one line per point that has a result, in the order of the sweep: the keys that vary, the report's figures
// (their names carry the units, texts stand in quotes), then pareto (1: on the front of `objectives`), unmoved (which
// of these did not respond to which keys), status, error, key. Numbers read back to the same double; a figure without a
// value is empty.
void write_csv(ResultStore& store, const SweepColumns& columns, const std::vector<Objective>& objectives,
               std::ostream& out);

}  // namespace capcam
