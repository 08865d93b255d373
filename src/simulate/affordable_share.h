// Estimates how many queries can be compared with the references in a given time.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "capcam/config.h"
#include "workload/workload.h"

namespace capcam {

// Returns the share of the queries that `threads` threads can compare in `seconds`, at most 1, rounded to two digits.
// It measures the time for reading the keys of the first head and comparing a block of its queries, so the result
// depends on the processor and its load.
double affordable_share(const Workload& workload, const Config& config, double seconds, unsigned threads);

}  // namespace capcam
