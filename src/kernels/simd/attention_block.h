// Attention of a block of queries over keys and values, vectorised (Highway). Every function gives the same bits on
// every instruction set, because terms are added in a fixed order, also across lanes, and products are rounded as
// stated.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/simd/panels.h"

namespace capcam::simd {

// Keys that the kernels take at once; a multiple of Panels::width. Ranges of keys begin and end at multiples of it.
inline constexpr std::uint32_t key_tile = 128;

// Columns of value rows are padded with zeros to a multiple of this.
inline constexpr std::uint32_t value_lanes = 16;
inline constexpr std::uint32_t padded_value_dim(std::uint32_t value_dim) {
  return (value_dim + value_lanes - 1) / value_lanes * value_lanes;
}

struct DotScratch {
  std::vector<double> queries, panel;
};

// scores[i * stride + j] = factor * (query i . row 32 * first_panel + j), for the rows of panels [first_panel,
// last_panel). `queries`: [count, dimensions]. Summed over dimensions in their order: in double, where products are
// exact, then multiplied by factor in double.
void dot_products(const Panels& rows, std::uint32_t first_panel, std::uint32_t last_panel,
                  std::span<const float> queries, double factor, double* scores, std::size_t stride,
                  DotScratch& scratch);
// Does the same in fp32, where every product and every sum is rounded.
void dot_products(const Panels& rows, std::uint32_t first_panel, std::uint32_t last_panel,
                  std::span<const float> queries, float factor, float* scores, std::size_t stride);

// The size of `scores` must be a multiple of 16.
double largest(std::span<const double> scores);

// weights[i] = 2^(scores[i] * log2_e - top), to within 2^-23 of it, 0 below 2^-125; `top` is a whole number, not
// less than any exponent by more than 1/2. sums[i mod 16] += the weights, in double. There must be a multiple of 16
// scores, at most key_tile.
void exponentials(std::span<const double> scores, double log2_e, double top, float* weights, double* sums);

// sums[i * columns + c] += sum over j < keys of weights[i * weight_stride + j] * values[j * columns + c]: in the order
// of keys with one rounding per term in fp32, then added in double. `columns` is a multiple of 16.
void add_weighted_values(const float* weights, std::size_t weight_stride, std::size_t queries, const float* values,
                         std::size_t keys, std::size_t columns, double* sums);
// Does the same in fp32 throughout: sums are continued, products and sums are each rounded.
void add_weighted_values(const float* weights, std::size_t weight_stride, std::size_t queries, const float* values,
                         std::size_t keys, std::size_t columns, float* sums);

}  // namespace capcam::simd
