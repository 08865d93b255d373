// SPDX-License-Identifier: Apache-2.0
#include "kernels/selection.h"

#include <algorithm>
#include <random>
#include <string>

#include "support/catch.h"

using namespace capcam;

namespace {

// "key:score " of each candidate, readable in a failure.
std::string text(const std::vector<Candidate>& candidates) {
  std::string out;
  for (const Candidate& candidate : candidates) {
    out += std::to_string(candidate.key) + ":" + std::to_string(candidate.score) + " ";
  }
  return out;
}

// The definition: count the valid keys that are kept before this one.
std::vector<Candidate> best_by_rank(const std::vector<std::int32_t>& scores, const TileKeys& keys,
                                    const ValidKeys& valid, std::size_t n) {
  std::vector<Candidate> best;
  for (std::size_t rank = 0; rank < n; ++rank) {
    for (std::uint32_t i = 0; i < scores.size(); ++i) {
      std::size_t before = 0;
      for (std::uint32_t j = 0; j < scores.size(); ++j) {
        before += valid(keys[j]) && (scores[j] > scores[i] || (scores[j] == scores[i] && j < i));
      }
      if (before == rank && valid(keys[i])) best.push_back({scores[i], keys[i]});
    }
  }
  return best;
}

}  // namespace

TEST_CASE("the best are the highest scores, equal scores keep the lower key") {
  std::vector<Candidate> candidates = {{5, 9}, {7, 3}, {5, 2}, {7, 8}, {1, 0}, {5, 4}};
  keep_best(candidates, 4);
  CHECK(text(candidates) == "3:7 8:7 2:5 4:5 ");
}

TEST_CASE("fewer candidates than asked for are all kept, in order") {
  std::vector<Candidate> candidates = {{1, 1}, {2, 2}};
  keep_best(candidates, 32);
  CHECK(text(candidates) == "2:2 1:1 ");
  candidates.clear();
  keep_best(candidates, 32);
  CHECK(candidates.empty());
}

TEST_CASE("the best of a tile are those of the definition, for every tile_k and mask") {
  std::mt19937 generator(2);
  const auto engine = [&] { return static_cast<std::uint32_t>(generator()); };
  for (int round = 0; round < 60; ++round) {
    const std::uint32_t rows = 1 + engine() % 40;
    const TileKeys keys{engine() % 100, rows, round % 3 == 0 ? 1 + engine() % 7 : 1};
    std::vector<std::int32_t> scores(rows);
    for (std::int32_t& score : scores) score = static_cast<std::int32_t>(engine() % 6);  // many ties
    std::vector<std::uint64_t> mask(6);
    for (std::uint64_t& word : mask) word = std::uint64_t{engine()} << 32 | engine();
    const std::uint32_t begin = keys.first + engine() % 4;
    const ValidKeys valid(begin, std::max(begin, keys[rows - 1] + 1 - std::min(rows, engine() % 3)),
                          round % 2 ? mask.data() : nullptr);
    for (const std::uint32_t tile_k : {1u, 2u, 3u, 16u, 17u, 25u, 0u}) {
      const std::vector<Candidate> before = {{100, 1000}, {-100, 1001}};  // another tile's, to be left alone
      std::vector<Candidate> out = before;
      best_of_tile(scores, keys, valid, tile_k, out);
      std::vector<Candidate> expected = before;
      const auto best = best_by_rank(scores, keys, valid, tile_k == 0 ? rows : tile_k);
      expected.insert(expected.end(), best.begin(), best.end());
      CAPTURE(rows, keys.first, keys.step, tile_k);
      CHECK(text(out) == text(expected));
    }
  }
}

TEST_CASE("a tile without a valid key gives no candidate") {
  std::vector<Candidate> out;
  best_of_tile(std::vector<std::int32_t>{1, 2, 3}, {10, 3}, ValidKeys(0, 10, nullptr), 2, out);
  best_of_tile(std::vector<std::int32_t>{1, 2, 3}, {10, 3}, ValidKeys(0, 0, nullptr), 0, out);
  CHECK(out.empty());
}

TEST_CASE("a two-stage selection may miss a key that a single stage keeps, never the best one") {
  const std::vector<std::int32_t> scores = {9, 8, 7, 1, 2, 0};
  const ValidKeys valid(0, 6, nullptr);
  std::vector<Candidate> two_stage;
  best_of_tile(std::span(scores).first(3), {0, 3}, valid, 1, two_stage);
  best_of_tile(std::span(scores).last(3), {3, 3}, valid, 1, two_stage);
  keep_best(two_stage, 2);
  CHECK(text(two_stage) == "0:9 4:2 ");
  std::vector<Candidate> single;
  best_of_tile(scores, {0, 6}, valid, 0, single);
  keep_best(single, 2);
  CHECK(text(single) == "0:9 1:8 ");
}

TEST_CASE("merging on the way keeps the same keys as one merge at the end") {
  std::mt19937 engine(4);
  std::vector<Candidate> at_once;
  std::vector<Candidate> merged;
  for (std::uint32_t key = 0; key < 200; ++key) {
    const Candidate candidate{static_cast<std::int32_t>(engine() % 20), key};
    at_once.push_back(candidate);
    merged.push_back(candidate);
    if (key % 17 == 0) keep_best(merged, 10);
  }
  keep_best(at_once, 10);
  keep_best(merged, 10);
  CHECK(at_once == merged);
}
