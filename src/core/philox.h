// Philox4x32-10, a counter-based random number generator: the draw is a pure function of a counter (what is computed)
// and a key (the seed), so engines, threads and the order of work cannot change it.
// Source: J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC'11.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>

namespace capcam {

using PhiloxCounter = std::array<std::uint32_t, 4>;
using PhiloxKey = std::array<std::uint32_t, 2>;

inline constexpr std::uint64_t philox_multiplier_0 = 0xd2511f53u, philox_multiplier_1 = 0xcd9e8d57u;
inline constexpr std::uint32_t philox_weyl_0 = 0x9e3779b9u;  // golden ratio
inline constexpr std::uint32_t philox_weyl_1 = 0xbb67ae85u;  // sqrt(3) - 1

constexpr PhiloxCounter philox4x32(PhiloxCounter counter, PhiloxKey key) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t product_0 = philox_multiplier_0 * counter[0];
    const std::uint64_t product_1 = philox_multiplier_1 * counter[2];
    counter = {static_cast<std::uint32_t>(product_1 >> 32) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(product_1),
               static_cast<std::uint32_t>(product_0 >> 32) ^ counter[3] ^ key[1],
               static_cast<std::uint32_t>(product_0)};
    key = {key[0] + philox_weyl_0, key[1] + philox_weyl_1};
  }
  return counter;
}

constexpr PhiloxKey philox_key(std::uint64_t seed) {
  return {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)};
}

// The streams drawn with a seed. Each stream has its own key, so that equal counters mean different draws.
enum class RandomStream : std::uint32_t {
  cells = 0x63656c6c,
  noise = 0x6e6f6973,
  cell_noise = 0x6b544321,
  converters = 0x61646373,
  searches = 0x73726368,
  shuffle = 0x73687566,
  cards = 0x63617264,
};
constexpr PhiloxKey philox_key(std::uint64_t seed, RandomStream stream) {
  const PhiloxKey key = philox_key(seed);
  return {key[0], key[1] ^ static_cast<std::uint32_t>(stream)};
}

// Returns a uniform number in (0, 1), never an end: (top 52 of 64 bits + 1/2) * 2^-52, exact in a double.
constexpr double philox_uniform(std::uint32_t high, std::uint32_t low) {
  const std::uint64_t bits = (std::uint64_t{high} << 32) | low;
  return (static_cast<double>(bits >> 12) + 0.5) * 0x1p-52;
}

// Returns two uniform numbers of one draw.
constexpr std::array<double, 2> philox_uniforms(PhiloxCounter counter, PhiloxKey key) {
  const PhiloxCounter words = philox4x32(counter, key);
  return {philox_uniform(words[0], words[1]), philox_uniform(words[2], words[3])};
}

// Returns two independent standard normals of one draw (Box and Muller 1958).
inline std::array<double, 2> philox_normals(PhiloxCounter counter, PhiloxKey key) {
  const std::array<double, 2> uniform = philox_uniforms(counter, key);
  const double radius = std::sqrt(-2.0 * std::log(uniform[0]));
  const double angle = 2.0 * std::numbers::pi * uniform[1];
  return {radius * std::cos(angle), radius * std::sin(angle)};
}

inline double philox_normal(PhiloxCounter counter, PhiloxKey key) { return philox_normals(counter, key)[0]; }

}  // namespace capcam
