// The multiply-accumulate lanes add one weighted value row to a query's output, in fp32.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

namespace capcam {

// output += weight * value_row. The product is rounded to fp32, then the sum (no fused multiply-add), so the result
// depends only on the order of calls: selection order, best key first.
void accumulate_value(float weight, std::span<const float> value_row, std::span<float> output);

}  // namespace capcam
