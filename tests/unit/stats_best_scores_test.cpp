// SPDX-License-Identifier: Apache-2.0
#include "stats/best_scores.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>

#include "support/catch.h"
#include "support/simd_targets.h"

using namespace capcam;
using capcam::testing::with_every_target;

namespace {

constexpr double nothing = -std::numeric_limits<double>::infinity();

// The keys of the n best scores by sorting all of them.
std::vector<std::uint32_t> sorted_best(const std::vector<double>& scores, std::uint32_t n) {
  std::vector<std::uint32_t> keys(scores.size());
  std::iota(keys.begin(), keys.end(), 0u);
  std::erase_if(keys, [&](std::uint32_t key) { return scores[key] == nothing; });
  std::ranges::stable_sort(keys, [&](std::uint32_t a, std::uint32_t b) { return scores[a] > scores[b]; });
  keys.resize(std::min<std::size_t>(n, keys.size()));
  std::ranges::sort(keys);
  return keys;
}

// Adds the scores `piece` at a time.
std::vector<std::uint32_t> best(const std::vector<double>& scores, std::uint32_t n, std::size_t piece) {
  BestScores best;
  best.begin(n);
  for (std::size_t first = 0; first < scores.size(); first += piece)
    best.add(std::span(scores).subspan(first, std::min(piece, scores.size() - first)),
             static_cast<std::uint32_t>(first));
  return {best.keys().begin(), best.keys().end()};
}

}  // namespace

TEST_CASE("the best scores of pieces are those of a full sort, ties go to lower keys") {
  std::mt19937 engine(9);
  std::normal_distribution<double> normal;
  std::vector<std::vector<double>> cases(6, std::vector<double>(2048));
  for (double& score : cases[0]) score = normal(engine);
  for (double& score : cases[1]) score = static_cast<double>(engine() % 4);  // hundreds are equal
  for (double& score : cases[2]) score = 1.0;
  for (std::size_t i = 0; i < 2048; ++i) cases[3][i] = static_cast<double>(i);  // every one is better
  for (double& score : cases[4]) score = engine() % 20 == 0 ? normal(engine) : nothing;
  for (double& score : cases[5]) score = std::ldexp(normal(engine), static_cast<int>(engine() % 200));
  with_every_target([&] {
    for (const std::vector<double>& scores : cases) {
      for (const std::uint32_t n : {1u, 16u, 32u, 33u, 64u, 500u, 2048u}) {
        for (const std::size_t piece : {64u, 128u, 1024u, 2048u})
          CHECK(best(scores, n, piece) == sorted_best(scores, n));
      }
    }
  });
}

TEST_CASE("nothing is kept where nothing is asked for, nor of the query before") {
  const std::vector<double> scores(128, 1.0), none(128, nothing);
  CHECK(best(scores, 0, 128).empty());
  BestScores kept;
  kept.begin(4);
  kept.add(scores, 0);
  CHECK(kept.keys().size() == 4);
  kept.begin(4);
  kept.add(none, 0);
  CHECK(kept.keys().empty());
  kept.add(scores, 128);
  CHECK(std::ranges::equal(kept.keys(), std::vector<std::uint32_t>{128, 129, 130, 131}));
}
