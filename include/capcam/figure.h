// A number with the interval that its sources span. Sums and products of figures take all lows together and all highs
// together, so that an interval is never too narrow; it is no standard deviation.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

namespace capcam {

struct Figure {
  double value = 0.0;
  double low = 0.0;
  double high = 0.0;

  static constexpr Figure exactly(double value) { return {value, value, value}; }
  Figure& operator+=(const Figure& other) {
    value += other.value;
    low += other.low;
    high += other.high;
    return *this;
  }
  bool operator==(const Figure&) const = default;
};

inline Figure operator+(Figure a, const Figure& b) { return a += b; }
// Neither a figure nor a factor is ever negative.
inline Figure operator*(double factor, const Figure& figure) {
  return {factor * figure.value, factor * figure.low, factor * figure.high};
}
inline Figure operator*(const Figure& a, const Figure& b) {
  return {a.value * b.value, a.low * b.low, a.high * b.high};
}
inline Figure operator/(const Figure& a, const Figure& b) {
  return {a.value / b.value, a.low / b.high, a.high / b.low};
}
inline Figure larger(const Figure& a, const Figure& b) {
  return {std::max(a.value, b.value), std::max(a.low, b.low), std::max(a.high, b.high)};
}
// Returns the value of a, with an interval that holds both.
inline Figure spanning(const Figure& a, const Figure& b) {
  return {a.value, std::min(a.low, b.low), std::max(a.high, b.high)};
}

}  // namespace capcam
