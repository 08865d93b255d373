// SPDX-License-Identifier: Apache-2.0
#include "kernels/simd/attention_block.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <random>

#include "support/catch.h"
#include "support/simd_targets.h"

using namespace capcam;
using capcam::testing::with_every_target;

namespace {

std::vector<float> normals(std::size_t count, std::uint32_t seed) {
  std::mt19937 engine(seed);
  std::normal_distribution<float> normal;
  std::vector<float> values(count);
  for (float& value : values) value = normal(engine);
  return values;
}

simd::Panels panels_of(const std::vector<float>& rows, std::uint32_t dimensions) {
  simd::Panels panels(static_cast<std::uint32_t>(rows.size() / dimensions), dimensions);
  for (std::uint32_t panel = 0; panel < panels.panels(); ++panel) {
    const std::size_t first = std::size_t{panel} * simd::Panels::width * dimensions;
    panels.fill(panel, std::span(rows).subspan(
                           first, std::min<std::size_t>(simd::Panels::width * dimensions, rows.size() - first)));
  }
  return panels;
}

}  // namespace

TEST_CASE("block scores are the sums over dimensions in double, to the last bit") {
  for (const std::uint32_t dimensions : {1u, 7u, 64u}) {
    for (const std::uint32_t queries : {1u, 2u, 3u, 4u, 6u}) {
      const std::uint32_t keys = 75;  // two panels and a part
      const std::vector<float> k = normals(keys * dimensions, 1), q = normals(queries * dimensions, 2);
      const simd::Panels rows = panels_of(k, dimensions);
      with_every_target([&] {
        const std::size_t stride = 100;
        std::vector<double> scores(queries * stride);
        std::vector<float> float_scores(queries * stride);
        simd::DotScratch scratch;
        simd::dot_products(rows, 0, 3, q, 0.3, scores.data(), stride, scratch);
        simd::dot_products(rows, 0, 3, q, 0.3f, float_scores.data(), stride);
        bool same = true;
        for (std::uint32_t i = 0; i < queries; ++i) {
          for (std::uint32_t j = 0; j < 3 * simd::Panels::width; ++j) {
            double sum = 0.0;
            float float_sum = 0.0f;
            for (std::uint32_t d = 0; d < dimensions && j < keys; ++d) {
              sum += double{q[i * dimensions + d]} * k[j * dimensions + d];
              float_sum += q[i * dimensions + d] * k[j * dimensions + d];
            }
            same = same && scores[i * stride + j] == 0.3 * sum && float_scores[i * stride + j] == 0.3f * float_sum;
          }
        }
        CHECK(same);
      });
    }
  }
}

TEST_CASE("scores of some panels are those of their keys") {
  const std::vector<float> k = normals(128 * 5, 3), q = normals(2 * 5, 4);
  const simd::Panels rows = panels_of(k, 5);
  std::vector<double> all(2 * 128), part(2 * 64);
  simd::DotScratch scratch;
  simd::dot_products(rows, 0, 4, q, 1.0, all.data(), 128, scratch);
  simd::dot_products(rows, 1, 3, q, 1.0, part.data(), 64, scratch);
  for (std::size_t i = 0; i < 2; ++i) {
    for (std::size_t j = 0; j < 64; ++j) CHECK(part[i * 64 + j] == all[i * 128 + 32 + j]);
  }
}

TEST_CASE("exponentials are good to 2^-23 and the same on every instruction set") {
  std::vector<double> scores;
  for (int i = 0; i < 112; ++i) scores.push_back(5.0 - 0.91 * i);
  for (const double special : {5.0, 4.9999999, -1e300, -std::numeric_limits<double>::infinity(), -80.0, -82.0})
    scores.push_back(special);
  scores.resize(128, 5.0);
  const double log2_e = std::numbers::log2e, top = std::nearbyint(5.0 * log2_e);
  std::vector<float> first;
  std::vector<double> first_sums;
  with_every_target([&] {
    std::vector<float> weights(128);
    std::vector<double> sums(simd::value_lanes, 0.25);
    simd::exponentials(scores, log2_e, top, weights.data(), sums.data());
    if (first.empty()) {
      first = weights;
      first_sums = sums;
    }
    CHECK(weights == first);
    CHECK(sums == first_sums);
    double total = 0.0, expected_total = 0.25 * simd::value_lanes;
    for (const double sum : sums) total += sum;
    for (std::size_t i = 0; i < scores.size(); ++i) {
      const double exact = std::exp2(scores[i] * log2_e - top);
      expected_total += exact;
      if (exact < 0x1p-125) {
        CHECK(weights[i] <= 0x1p-125f);
      } else {
        CHECK(std::abs(weights[i] - exact) <= exact * 0x1p-23);
      }
    }
    CHECK(total == Approx(expected_total).epsilon(1e-6));
  });
}

TEST_CASE("weighted values are summed with one rounding a term, the same on every instruction set") {
  for (const std::size_t columns : {16u, 48u, 64u, 80u}) {
    for (const std::size_t queries : {1u, 3u, 4u, 5u}) {
      const std::size_t keys = 33, stride = 40;
      const std::vector<float> weights = normals(queries * stride, 5), values = normals(keys * columns, 6);
      with_every_target([&] {
        std::vector<double> sums(queries * columns, 1.0);
        std::vector<float> float_sums(queries * columns, 1.0f);
        simd::add_weighted_values(weights.data(), stride, queries, values.data(), keys, columns, sums.data());
        simd::add_weighted_values(weights.data(), stride, queries, values.data(), keys, columns, float_sums.data());
        bool same = true;
        for (std::size_t i = 0; i < queries; ++i) {
          for (std::size_t c = 0; c < columns; ++c) {
            float fused = 0.0f, rounded = 1.0f;
            for (std::size_t j = 0; j < keys; ++j) {
              fused = std::fma(weights[i * stride + j], values[j * columns + c], fused);
              rounded += weights[i * stride + j] * values[j * columns + c];
            }
            same = same && sums[i * columns + c] == 1.0 + fused && float_sums[i * columns + c] == rounded;
          }
        }
        CHECK(same);
      });
    }
  }
}

// Sums that almost cancel, where rounding twice would show.
TEST_CASE("a term that almost cancels is rounded once") {
  std::mt19937 engine(7);
  const std::size_t columns = 16, keys = 2;
  for (int round = 0; round < 500; ++round) {
    const float a = std::ldexp(1.0f + static_cast<float>(engine() % 4096) * 0x1p-23f, static_cast<int>(engine() % 40));
    const std::vector<float> weights{a, 1.0f + static_cast<float>(engine() % 8) * 0x1p-23f};
    std::vector<float> values(keys * columns);
    for (std::size_t c = 0; c < columns; ++c) {
      const int power = static_cast<int>(engine() % 60) - 30;
      values[c] = 1.0f + static_cast<float>(engine() % 65536) * 0x1p-23f;
      values[columns + c] = std::ldexp(-a * (1.0f + static_cast<float>(engine() % 3) * 0x1p-23f), power);
    }
    with_every_target([&] {
      std::vector<double> sums(columns, 0.0);
      simd::add_weighted_values(weights.data(), keys, 1, values.data(), keys, columns, sums.data());
      bool same = true;
      for (std::size_t c = 0; c < columns; ++c)
        same = same && sums[c] == std::fma(weights[1], values[columns + c], std::fma(weights[0], values[c], 0.0f));
      CHECK(same);
    });
  }
}

TEST_CASE("the largest score is found wherever it is") {
  std::vector<double> scores(48, -std::numeric_limits<double>::infinity());
  with_every_target([&] {
    CHECK(simd::largest(scores) == -std::numeric_limits<double>::infinity());
    for (std::size_t place = 0; place < scores.size(); ++place) {
      std::vector<double> one = scores;
      one[place] = -3.5;
      CHECK(simd::largest(one) == -3.5);
    }
  });
}
