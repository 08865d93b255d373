// Compares a CAM machine with a dense digital unit on the same trace, priced by the same cards.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "capcam/figure.h"
#include "capcam/report.h"
#include "cost/price.h"
#include "studies/compare/dense_run.h"

namespace capcam::baseline {

enum class Iso { throughput, area };
inline constexpr Choice<Iso> iso_kinds[] = {
    {Iso::throughput, "throughput", "the fewest lanes that finish the trace no later than the machine"},
    {Iso::area, "area", "the most lanes that take no more area than the machine"},
};

struct CompareRequest {
  Config config;  // cost.library is one of unit cards
  KeyFormat format = KeyFormat::bf16;
  Iso iso = Iso::throughput;
  double accuracy_share = 1.0;
  unsigned threads = 1;
};

struct Comparison {
  Report machine;
  DenseUnit unit;
  std::uint64_t interval = 0;  // cycles the unit was sized for
  DenseRun dense;
  Cost dense_cost;
  std::optional<AccuracyFigures> accuracy, other_format;  // against exact, for the unit's key format and for the other
  Figure area, on_chip_power, power, on_chip_energy, energy;
};

// Throws InputError if no unit can meet the condition.
Comparison compare_with_dense(const CompareRequest& request, const Trace& trace,
                              const std::function<bool()>& stop_requested);

}  // namespace capcam::baseline
