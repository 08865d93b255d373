// SPDX-License-Identifier: Apache-2.0
#include "kernels/simd/score_selection.h"

#include <algorithm>
#include <limits>
#include <random>
#include <vector>

#include "support/catch.h"
#include "support/simd_targets.h"

using namespace capcam;
using capcam::testing::with_every_target;

namespace {

constexpr double nothing = -std::numeric_limits<double>::infinity();

std::vector<double> normals(std::size_t count) {
  std::mt19937 engine(4);
  std::normal_distribution<double> normal;
  std::vector<double> values(count);
  for (double& value : values) value = normal(engine);
  return values;
}

std::size_t reaching(const std::vector<double>& scores, double least) {
  return static_cast<std::size_t>(std::ranges::count_if(scores, [&](double score) { return score >= least; }));
}

}  // namespace

TEST_CASE("the maximum of a group is found at each of its places") {
  with_every_target([] {
    for (std::size_t place = 0; place < 192; ++place) {
      std::vector<double> scores(192, nothing);
      scores[place] = -3.5;
      const auto maxima = simd::group_maxima(scores);
      for (std::size_t group = 0; group < simd::score_groups; ++group)
        CHECK(maxima[group] == (group == place % simd::score_groups ? -3.5 : nothing));
    }
  });
}

TEST_CASE("as many scores as are asked for reach the bound, and not many more") {
  std::vector<double> scores = normals(320);
  for (const std::size_t invalid : {0u, 63u, 200u}) scores[invalid] = nothing;
  with_every_target([&] {
    for (const std::size_t n : {1u, 2u, 31u, 200u, 316u}) {
      CHECK(reaching(scores, simd::reached_by(scores, n, n)) == n);
      const std::size_t found = reaching(scores, simd::reached_by(scores, n, n + 5));
      CHECK(found >= n);
      CHECK(found <= n + 5);
    }
    CHECK(simd::reached_by(scores, 317, 317) == *std::ranges::min_element(scores, {}, [](double score) {
            return score == nothing ? std::numeric_limits<double>::infinity() : score;
          }));
    CHECK(simd::reached_by(scores, 318, 400) == std::numeric_limits<double>::lowest());
    CHECK(simd::reached_by(std::vector<double>(16, nothing), 1, 1) == std::numeric_limits<double>::lowest());
  });
}

TEST_CASE("of equal scores, and of scores far apart, enough reach the bound") {
  std::vector<double> scores(64, 2.0);
  with_every_target([&] {
    CHECK(simd::reached_by(scores, 5, 5) == 2.0);
    std::vector<double> apart = scores;
    apart[7] = 1e70;
    apart[9] = -1e70;
    CHECK(simd::reached_by(apart, 1, 1) > 2.0);
    CHECK(reaching(apart, simd::reached_by(apart, 5, 5)) >= 5);
    CHECK(reaching(apart, simd::reached_by(apart, 64, 64)) == 64);
  });
}

TEST_CASE("scores that reach the bound are gathered with their keys, in order") {
  std::vector<double> scores = normals(192);
  scores[64] = scores[191] = 0.25;
  scores[1] = nothing;
  with_every_target([&] {
    for (const double least : {-10.0, 0.25, 1.0, 10.0, std::numeric_limits<double>::lowest()}) {
      std::vector<double> expected, gathered(scores.size());
      std::vector<std::uint32_t> expected_keys, keys(scores.size());
      for (std::uint32_t i = 0; i < scores.size(); ++i) {
        if (!(scores[i] >= least)) continue;
        expected.push_back(scores[i]);
        expected_keys.push_back(1000 + i);
      }
      const std::size_t count = simd::gather_reaching(scores, least, 1000, gathered.data(), keys.data());
      gathered.resize(count);
      keys.resize(count);
      CHECK(gathered == expected);
      CHECK(keys == expected_keys);
    }
  });
}
