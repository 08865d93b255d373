// Writes the range of a field in words: "1 to 65536 rows", "more than 0 GB/s".
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <string>
#include <type_traits>

#include "capcam/describe.h"

namespace capcam {

// The text is empty if the field takes any value of its type. An unsigned field without a minimum begins at 0.
template <class T>
std::string range_text(Spec<T> spec) {
  if constexpr (std::is_unsigned_v<T>) {
    if (!spec.min && !spec.above) spec.min = T{0};
  }
  std::string text;
  if (spec.min && spec.max) {
    text = fmt::format("{} to {}", *spec.min, *spec.max);
  } else if (spec.above && spec.max) {
    text = fmt::format("more than {} and at most {}", *spec.above, *spec.max);
  } else if (spec.above) {
    text = fmt::format("more than {}", *spec.above);
  } else if (spec.min) {
    text = fmt::format("at least {}", *spec.min);
  } else if (spec.max) {
    text = fmt::format("at most {}", *spec.max);
  }
  if (!text.empty() && !spec.unit.empty()) text += fmt::format(" {}", spec.unit);
  return text;
}

}  // namespace capcam
