// Runs a point on the systemc engine in a process of its own, because SystemC elaborates once per process.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "studies/sweep/file/plan.h"

namespace capcam {

struct SystemCRuns {
  std::string program;  // path of capcam itself
  double accuracy_share = 1.0;
  std::function<bool()> stop_requested;

  // Returns what `capcam run --engine systemc --json` prints. Throws InputError, LawBroken, Interrupted.
  nlohmann::ordered_json run(const SweepPoint& point, const PreparedTrace& trace) const;
};

// Returns the first figures that differ ("cycles.total: 327 and 328"), the engine aside; empty if none differs.
std::string difference(const nlohmann::ordered_json& fast, const nlohmann::ordered_json& systemc);

}  // namespace capcam
