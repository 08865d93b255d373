// How many queries can be compared with the references in a given time.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "capcam/config.h"
#include "workload/workload.h"

namespace capcam {

// The share of the queries that `threads` threads can compare in `seconds`, 1 at most; rounded to two digits. Measured
// on the first head: what reading its keys and comparing a block of its queries takes. The result depends on the
// processor and on what else it does.
double affordable_share(const Workload& workload, const Config& config, double seconds, unsigned threads);

}  // namespace capcam
