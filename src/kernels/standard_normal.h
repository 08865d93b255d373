// Makes a standard normal of 32 random bits: the quantile of the tail probability (u + 1/2) / 2^32, u being the low 31
// bits, with the top bit as sign. The quantile is interpolated in 32 pieces per octave of u + 1/2, in single precision
// without fused operations, so that the same bits give the same number with every instruction set. It is at most 6.3
// and within 2e-4 of the exact quantile.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace capcam {

class NormalTable {
 public:
  static constexpr int piece_shift = 18;  // leaves a float's exponent and 5 bits of its mantissa
  static constexpr std::int32_t first_piece = std::bit_cast<std::int32_t>(0.5f) >> piece_shift;
  static constexpr std::size_t pieces = 32 * 32 + 1;  // from 1/2 to 2^31, and 2^31 itself

  static const NormalTable& get();

  float operator()(std::uint32_t bits) const {
    const float v = static_cast<float>(static_cast<std::int32_t>(bits & 0x7fffffffu)) + 0.5f;
    const auto piece = static_cast<std::size_t>((std::bit_cast<std::int32_t>(v) >> piece_shift) - first_piece);
    const float magnitude = offset[piece] + slope[piece] * v;
    return std::bit_cast<float>(std::bit_cast<std::uint32_t>(magnitude) ^ (bits & 0x80000000u));
  }

  alignas(64) std::array<float, pieces> offset{};
  alignas(64) std::array<float, pieces> slope{};

 private:
  NormalTable();
};

}  // namespace capcam
