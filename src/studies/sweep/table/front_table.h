// Shows the Pareto front of a sweep, as it is marked in the store, on a terminal.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "studies/sweep/store/store.h"

namespace capcam {

// Lists varying keys and objectives of points on the front, best in the first objective first; at most `limit` rows.
std::string front_table(ResultStore& store, std::size_t limit);

}  // namespace capcam
