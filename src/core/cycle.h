// Both engines count time in whole cycles from the start of the run.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>

namespace capcam {

using Cycle = std::int64_t;                                        // is signed, so that a difference of times is a time
inline constexpr Cycle never = std::numeric_limits<Cycle>::max();  // a time that is not known yet or will not come

}  // namespace capcam
