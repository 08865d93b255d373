// The closeness of an output to a reference.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

namespace capcam {

struct Closeness {
  double cosine = 0.0;       // cosine of the two vectors: 1 if both are zero, 0 if one is
  double relative_l2 = 0.0;  // |output - reference| / |reference|; zero reference: 0 if the output is zero too, else 1
};

// Sums in double, over eight interleaved parts whose sums are added at the end.
Closeness closeness(std::span<const float> output, std::span<const double> reference);
Closeness closeness(std::span<const float> output, std::span<const float> reference);

}  // namespace capcam
