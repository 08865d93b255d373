// SPDX-License-Identifier: Apache-2.0
#include "kernels/contextualization.h"

namespace capcam {

void accumulate_value(float weight, std::span<const float> value_row, std::span<float> output) {
  for (std::size_t i = 0; i < output.size(); ++i) output[i] += weight * value_row[i];
}

}  // namespace capcam
