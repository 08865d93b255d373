// The files that a run leaves in its folder.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "capcam/report.h"
#include "core/output_set.h"

namespace capcam {

// Adds report.json, heads.csv and, with accuracy measured, scores.csv; report.json is the last.
void add_report(OutputSet& files, const Report& report);

}  // namespace capcam
