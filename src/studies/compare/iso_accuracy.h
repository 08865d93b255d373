// Finds the cheapest selection whose output is still good enough: fewest kept keys, then fewest converter bits.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "capcam/config.h"
#include "capcam/trace.h"

namespace capcam::baseline {

struct Trial {
  std::uint32_t n = 0;
  std::uint32_t bits = 0;
  double relative_l2 = 0.0;  // mean against full-precision attention
};

struct IsoAccuracy {
  double within = 0.0;
  std::optional<Trial> found;
  std::vector<Trial> tried;  // trials in order
};

// Searches by the mean relative L2 error against exact attention. n goes from 1 to as many keys as the two stages can
// keep, bits from 1 to `most_bits`, which gives every match count a code of its own. The error is assumed to fall with
// n; the n found is checked against n - 1.
IsoAccuracy smallest_within(double within, const Config& config, const Trace& trace, double share, unsigned threads,
                            const std::function<bool()>& stop_requested);

}  // namespace capcam::baseline
