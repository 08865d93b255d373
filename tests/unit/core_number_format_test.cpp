// SPDX-License-Identifier: Apache-2.0
#include "core/number_format.h"

#include <cmath>
#include <limits>

#include "support/catch.h"

using namespace capcam;

namespace {

// Decodes binary16 as IEEE 754 defines it, in arithmetic instead of bits.
double f16_value(std::uint16_t bits) {
  const int exponent = (bits >> 10) & 0x1f;
  const int fraction = bits & 0x3ff;
  const double magnitude = exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, exponent - 15 - 10);
  return (bits & 0x8000) != 0 ? -magnitude : magnitude;
}

bool is_f16_finite(std::uint16_t bits) { return (bits & 0x7c00) != 0x7c00; }

}  // namespace

TEST_CASE("all 65536 f16 patterns widen to their value and come back", "[core]") {
  for (std::uint32_t pattern = 0; pattern <= 0xffffu; ++pattern) {
    const auto bits = static_cast<std::uint16_t>(pattern);
    const float wide = from_f16_bits(bits);
    if (is_f16_finite(bits)) {
      REQUIRE(double{wide} == f16_value(bits));
      REQUIRE(std::signbit(wide) == ((bits & 0x8000u) != 0));
      REQUIRE(to_f16_bits(wide) == bits);
    } else if ((bits & 0x3ffu) == 0) {
      REQUIRE(std::isinf(wide));
      REQUIRE(to_f16_bits(wide) == bits);
    } else {
      REQUIRE(std::isnan(wide));
      REQUIRE(to_f16_bits(wide) == (bits | 0x200u));  // a NaN stays one, quiet
    }
  }
}

TEST_CASE("between two f16 neighbours the nearer one wins and the middle goes to the even one", "[core]") {
  for (std::uint16_t low = 0; low < 0x7bffu; ++low) {  // up to 65504, the largest
    const auto high = static_cast<std::uint16_t>(low + 1);
    const auto middle = static_cast<float>((f16_value(low) + f16_value(high)) / 2.0);  // exact: one bit more
    const std::uint16_t even = (low & 1u) == 0 ? low : high;
    REQUIRE(to_f16_bits(middle) == even);
    REQUIRE(to_f16_bits(std::nextafter(middle, 0.0f)) == low);
    REQUIRE(to_f16_bits(std::nextafter(middle, 1e6f)) == high);
    REQUIRE(to_f16_bits(-middle) == (even | 0x8000u));
  }
}

TEST_CASE("f16 overflows to infinity from half a step above its largest number", "[core]") {
  CHECK(to_f16_bits(65504.0f) == 0x7bff);
  CHECK(to_f16_bits(std::nextafter(65520.0f, 0.0f)) == 0x7bff);
  CHECK(to_f16_bits(65520.0f) == 0x7c00);
  CHECK(to_f16_bits(-65520.0f) == 0xfc00);
  CHECK(to_f16_bits(std::numeric_limits<float>::max()) == 0x7c00);
  CHECK(to_f16_bits(std::numeric_limits<float>::infinity()) == 0x7c00);
}

TEST_CASE("f16 underflows to zero and keeps the sign", "[core]") {
  CHECK(to_f16_bits(0x1p-25f) == 0);  // half of the smallest step: even
  CHECK(to_f16_bits(std::nextafter(0x1p-25f, 1.0f)) == 1);
  CHECK(to_f16_bits(-0x1p-26f) == 0x8000);
  CHECK(to_f16_bits(-0.0f) == 0x8000);
  CHECK(to_f16_bits(std::numeric_limits<float>::denorm_min()) == 0);
}

TEST_CASE("bf16 rounds to nearest even", "[core]") {
  // 8 significant bits: the step from 1 is 2^-7.
  CHECK(round_bf16(1.0f + 0x1p-8f) == 1.0f);                       // middle, even below
  CHECK(round_bf16(1.0f + 0x1p-7f + 0x1p-8f) == 1.0f + 0x1p-6f);   // middle, even above
  CHECK(round_bf16(1.0f + 0x1p-8f + 0x1p-20f) == 1.0f + 0x1p-7f);  // above the middle
  CHECK(std::isinf(round_bf16(std::numeric_limits<float>::max())));
  CHECK(std::isnan(round_bf16(std::numeric_limits<float>::quiet_NaN())));
  for (std::uint32_t pattern = 0; pattern <= 0xffffu; ++pattern) {
    const auto bits = static_cast<std::uint16_t>(pattern);
    if (!std::isnan(from_bf16_bits(bits))) REQUIRE(to_bf16_bits(from_bf16_bits(bits)) == bits);
  }
}
