// Runs points on the fast engine in this process. A point's report is that of `capcam run --engine fast`; all that
// points share (traces, cards, results of machines that differ only in timing or cost) is computed once.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "cost/cards/library.h"
#include "studies/sweep/file/plan.h"
#include "studies/sweep/file/sweep_trace.h"
#include "studies/sweep/points/shared.h"

namespace capcam {

class PointRunner {
 public:
  // `stop_requested` may be called from any thread; if it returns true, Interrupted is thrown.
  PointRunner(const SweepTraces& traces, double accuracy_share, std::function<bool()> stop_requested);

  // May be called from any thread. Throws InputError, LawBroken, Interrupted.
  Report run(const SweepPoint& point);

 private:
  const SweepTraces& traces_;
  double accuracy_share_;
  std::function<bool()> stop_requested_;
  std::unique_ptr<Engine> engine_;
  Shared<Accuracy> accuracies_;
  Shared<std::shared_ptr<const CardLibrary>> libraries_;
};

// Returns the name of the point's group; the points of a group share results.
std::string results_group(const SweepPoint& point);

}  // namespace capcam
