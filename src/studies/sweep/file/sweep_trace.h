// The traces that a sweep replays on many machines. Each is opened and digested once.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "capcam/simulate.h"
#include "studies/sweep/file/sweep_file.h"

namespace capcam {

using SweepTraces = std::vector<std::unique_ptr<const PreparedTrace>>;

// Throws InputError with the problems of all traces.
SweepTraces open_traces(const SweepFile& file);

}  // namespace capcam
