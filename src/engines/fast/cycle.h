// Time of the fast engine: whole cycles from the start of the run.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>

namespace capcam::fast {

using Cycle = std::int64_t;
inline constexpr Cycle never = std::numeric_limits<Cycle>::max();  // not known yet

}  // namespace capcam::fast
