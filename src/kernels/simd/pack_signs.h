// Makes one bit of each number, vectorised (Highway).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

namespace capcam::simd {

// Bit i is values[i] >= 0, a comparison and not the sign bit, as -0.0 >= 0 holds. There may be at most 64 values.
std::uint64_t pack_signs(std::span<const float> values);

}  // namespace capcam::simd
