// SPDX-License-Identifier: Apache-2.0
#include "core/number_format.h"

namespace capcam {

// binary16 has 5 exponent bits (bias 15) and 10 fraction bits; fp32 has 8 (bias 127) and 23. So 13 fraction bits go.
std::uint16_t to_f16_bits(float value) {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t sign = (bits >> 16) & 0x8000u;
  const std::uint32_t magnitude = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u) {  // NaN stays NaN; the quiet bit is set and the top of the payload is kept
    return static_cast<std::uint16_t>(sign | 0x7e00u | ((magnitude >> 13) & 0x1ffu));
  }
  if (magnitude >= 0x47800000u)
    return static_cast<std::uint16_t>(sign | 0x7c00u);  // the value is 65536 or more, or infinity
  if (magnitude >= 0x38800000u) {                       // the value is 2^-14 or more, which is normal
    const std::uint32_t rebiased = magnitude - ((127u - 15u) << 23);
    // Ties go to even. A carry out of the fraction raises the exponent, from 65520 on up to infinity.
    const std::uint32_t rounded = rebiased + 0x0fffu + ((rebiased >> 13) & 1u);
    return static_cast<std::uint16_t>(sign | (rounded >> 13));
  }
  // The result is subnormal, a multiple of 2^-24. With exponent field e the value is fraction * 2^(e - 150), so 126 - e
  // bits go.
  const std::uint32_t exponent = magnitude >> 23;
  const std::uint32_t dropped = 126u - exponent;
  if (dropped > 24u) return static_cast<std::uint16_t>(sign);  // the value is below 2^-25, half of the smallest step
  const std::uint32_t fraction = (magnitude & 0x7fffffu) | 0x800000u;
  const std::uint32_t rounded = (fraction + (1u << (dropped - 1u)) - 1u + ((fraction >> dropped) & 1u)) >> dropped;
  return static_cast<std::uint16_t>(sign | rounded);
}

float from_f16_bits(std::uint16_t bits) {
  const std::uint32_t sign = std::uint32_t{bits & 0x8000u} << 16;
  const std::uint32_t exponent = (bits >> 10) & 0x1fu;
  const std::uint32_t fraction = bits & 0x3ffu;
  if (exponent == 0x1fu) return std::bit_cast<float>(sign | 0x7f800000u | (fraction << 13));
  if (exponent != 0u) return std::bit_cast<float>(sign | ((exponent + 127u - 15u) << 23) | (fraction << 13));
  const float magnitude = static_cast<float>(fraction) * 0x1p-24f;  // exact
  return sign != 0u ? -magnitude : magnitude;
}

}  // namespace capcam
