// The columns of a sweep's table: the keys that tell its points apart, and the figures they have in common.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "studies/sweep/store/store.h"

namespace capcam {

struct SweepColumns {
  std::vector<std::string> varying;  // keys of the configuration that differ between points: "array.rows"
  std::vector<std::string> figures;  // figures of the reports, in their order, without lists: "energy_pj.total"
  bool several_traces = false;
  std::uint64_t missing = 0;  // points without a result
};

SweepColumns columns_of(ResultStore& store);

}  // namespace capcam
