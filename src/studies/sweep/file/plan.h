// Makes the points of a sweep file.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "capcam/config.h"
#include "studies/sweep/file/sweep_file.h"
#include "studies/sweep/file/sweep_trace.h"

namespace capcam {

struct SweepPoint {
  Config config;            // has the sweep's seed
  std::uint32_t trace = 0;  // index of the trace
  std::string key;          // see store/point_key.h
};

struct SweepPlan {
  std::vector<SweepPoint> points;  // each key once, in the order of the file: traces, then axes, the last fastest
  std::uint64_t excluded = 0;      // combinations that `where` excludes
  std::uint64_t repeated = 0;      // combinations equal to another point
};

// Throws InputError with every problem of every point (equal ones once), or if there are more points than max_points.
SweepPlan make_plan(const SweepFile& file, const SweepTraces& traces);

}  // namespace capcam
