// The Pareto front of a sweep, as it is marked in the store, for a terminal.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "studies/sweep/store/store.h"

namespace capcam {

// What varies and the objectives of every point on the front, best in the first objective first; `limit` rows at most.
std::string front_table(ResultStore& store, std::size_t limit);

}  // namespace capcam
