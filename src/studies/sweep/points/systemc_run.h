// One point on the reference engine, in a process of its own: SystemC elaborates once a process.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "studies/sweep/file/plan.h"

namespace capcam {

struct SystemCRuns {
  std::string program;  // capcam itself
  double accuracy_share = 1.0;
  std::function<bool()> stop_requested;

  // The report that `capcam run --engine systemc --json` prints. Throws InputError, LawBroken, Interrupted.
  nlohmann::ordered_json run(const SweepPoint& point, const PreparedTrace& trace) const;
};

// The first figures that two reports differ in ("cycles.total: 327 and 328"), but for the engine; empty if none.
std::string difference(const nlohmann::ordered_json& fast, const nlohmann::ordered_json& systemc);

}  // namespace capcam
