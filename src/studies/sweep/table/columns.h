// What the points of a sweep have in common and what tells them apart: the columns of their table.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "studies/sweep/store/store.h"

namespace capcam {

struct SweepColumns {
  std::vector<std::string> varying;  // keys of the configuration that are not the same in every point: "array.rows"
  std::vector<std::string> figures;  // of the reports, in their order: "energy_pj.total"; lists left out
  bool several_traces = false;
  std::uint64_t missing = 0;  // points without a result
};

SweepColumns columns_of(ResultStore& store);

}  // namespace capcam
