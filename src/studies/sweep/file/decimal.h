// Numbers as they are written are whole multiples of a power of ten. They are exact where binary fractions are not.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

namespace capcam {

struct Decimal {
  std::int64_t digits = 0;
  int exponent = 0;  // digits * 10^exponent
};

// Returns the decimal of at most 15 digits that reads as this double; nothing if there is none.
std::optional<Decimal> decimal_of(double number);

// Return from + steps * step and from * factor^steps; nothing where digits would be lost.
std::optional<double> stepped(const Decimal& from, const Decimal& step, std::int64_t steps);
std::optional<double> multiplied(const Decimal& from, const Decimal& factor, std::int64_t steps);

}  // namespace capcam
