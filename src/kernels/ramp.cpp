// SPDX-License-Identifier: Apache-2.0
#include "kernels/ramp.h"

#include <algorithm>
#include <vector>

namespace capcam {

RampConversion ramp_conversion(std::span<const std::uint32_t> codes, std::uint32_t first_key, const ValidKeys& valid,
                               std::uint32_t bits, std::uint32_t wanted, std::uint32_t rows_per_converter) {
  const std::uint32_t levels = std::uint32_t{1} << bits;
  RampConversion conversion;
  std::vector<std::uint32_t> crossed;  // the steps at which this ramp's rows cross
  for (std::uint32_t turn = 0; turn < std::min<std::size_t>(rows_per_converter, codes.size()); ++turn) {
    crossed.clear();
    for (std::size_t row = turn; row < codes.size(); row += rows_per_converter) {
      const auto key = first_key + static_cast<std::uint32_t>(row);
      if (valid.any(key, key + 1)) crossed.push_back(levels - std::max(codes[row], 1u));
    }
    if (crossed.empty()) continue;
    const std::size_t last = wanted == 0 ? crossed.size() : std::min<std::size_t>(wanted, crossed.size());
    std::nth_element(crossed.begin(), crossed.begin() + static_cast<std::ptrdiff_t>(last - 1), crossed.end());
    const std::uint32_t steps = crossed[last - 1];
    conversion.steps += steps;
    for (const std::uint32_t step : crossed) conversion.comparisons += std::min(step, steps);
  }
  return conversion;
}

}  // namespace capcam
