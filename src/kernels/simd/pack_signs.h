// One bit a number, vectorised (Highway).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

namespace capcam::simd {

// Bit i is values[i] >= 0, a comparison, not the sign bit: -0.0 >= 0 holds. At most 64 values.
std::uint64_t pack_signs(std::span<const float> values);

}  // namespace capcam::simd
