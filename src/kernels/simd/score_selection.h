// The steps in which the best of a query's scores are found, vectorised (Highway).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace capcam::simd {

// Group i has the scores at the places i, i + 64, i + 128 and so on.
inline constexpr std::size_t score_groups = 64;

// Returns the largest score of each group. There must be a multiple of 64 scores.
std::array<double, score_groups> group_maxima(std::span<const double> scores);

// Returns a number that at least n of the scores reach, and at most `most` of them unless bisection does not find such
// a number soon. Returns the lowest finite number if fewer than n scores are above -infinity. There must be a multiple
// of 16 scores.
double reached_by(std::span<const double> scores, std::size_t n, std::size_t most);

// Writes the scores that reach `least`, a number above -infinity, to `to_scores`, and key + place of each to `to_keys`,
// in order. Returns how many they are. There must be a multiple of 64 scores.
std::size_t gather_reaching(std::span<const double> scores, double least, std::uint32_t key, double* to_scores,
                            std::uint32_t* to_keys);

}  // namespace capcam::simd
