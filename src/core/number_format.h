// Rounds fp32 to the storage formats that the machine and the traces use: to nearest, ties to even.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>

namespace capcam {

inline std::uint16_t to_bf16_bits(float value) {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
  const bool nan = (bits & 0x7fffffffu) > 0x7f800000u;  // stays NaN
  const std::uint32_t rounded = (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
  return static_cast<std::uint16_t>(nan ? (bits >> 16) | 0x40u : rounded);
}

inline float from_bf16_bits(std::uint16_t bits) { return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16); }

inline float round_bf16(float value) { return from_bf16_bits(to_bf16_bits(value)); }

std::uint16_t to_f16_bits(float value);
float from_f16_bits(std::uint16_t bits);

}  // namespace capcam
