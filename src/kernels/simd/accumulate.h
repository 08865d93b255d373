// The weighted sum of value rows, vectorised (Highway). It equals accumulate_value row by row, to the last bit.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

namespace capcam::simd {

// output = the sum of weights[i] * row keys[i] of values; products and sums are rounded to fp32 in that order.
void accumulate_values(std::span<const float> weights, std::span<const std::uint32_t> keys, const float* values,
                       std::span<float> output);

}  // namespace capcam::simd
