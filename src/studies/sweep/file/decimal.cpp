// SPDX-License-Identifier: Apache-2.0
#include "studies/sweep/file/decimal.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <string>
#include <system_error>

namespace capcam {
namespace {

constexpr int most_exponent = 300;

// Returns the double nearest to a decimal.
std::optional<double> value_of(const Decimal& decimal) {
  const std::string text = fmt::format("{}e{}", decimal.digits, decimal.exponent);
  double value = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

// Returns the same number with a smaller exponent.
bool lower_exponent(Decimal& decimal, int exponent) {
  for (; decimal.exponent > exponent; --decimal.exponent) {
    if (__builtin_mul_overflow(decimal.digits, std::int64_t{10}, &decimal.digits)) return false;
  }
  return true;
}

}  // namespace

std::optional<Decimal> decimal_of(double number) {
  if (!std::isfinite(number)) return std::nullopt;
  constexpr std::size_t most_digits = 15;
  const std::string text = fmt::format("{:.{}e}", number, most_digits - 1);
  const std::size_t e = text.find('e');
  Decimal decimal;
  std::string digits = text.substr(0, e);
  const int exponent = std::stoi(text.substr(e + 1));
  if (std::abs(exponent) > most_exponent) return std::nullopt;
  digits.erase(digits.find('.'), 1);
  decimal.exponent = exponent - static_cast<int>(most_digits - 1);
  while (digits.size() > 1 && digits.back() == '0') {
    digits.pop_back();
    ++decimal.exponent;
  }
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), decimal.digits);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return value_of(decimal) == number ? std::optional(decimal) : std::nullopt;
}

std::optional<double> stepped(const Decimal& from, const Decimal& step, std::int64_t steps) {
  Decimal first = from, more = step, sum;
  sum.exponent = std::min(from.exponent, step.exponent);
  if (!lower_exponent(first, sum.exponent) || !lower_exponent(more, sum.exponent)) return std::nullopt;
  if (__builtin_mul_overflow(more.digits, steps, &more.digits) ||
      __builtin_add_overflow(first.digits, more.digits, &sum.digits))
    return std::nullopt;
  return value_of(sum);
}

std::optional<double> multiplied(const Decimal& from, const Decimal& factor, std::int64_t steps) {
  Decimal product = from;
  for (std::int64_t i = 0; i < steps; ++i) {
    if (__builtin_mul_overflow(product.digits, factor.digits, &product.digits)) return std::nullopt;
    product.exponent += factor.exponent;
    if (std::abs(product.exponent) > most_exponent) return std::nullopt;
  }
  return value_of(product);
}

}  // namespace capcam
