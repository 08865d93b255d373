// SPDX-License-Identifier: Apache-2.0
#include "kernels/bits.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <random>

#include "support/catch.h"

using namespace capcam;

namespace {

std::vector<float> random_values(std::size_t size, std::uint32_t seed) {
  std::mt19937 engine(seed);
  std::normal_distribution<float> normal;
  std::vector<float> values(size);
  for (float& value : values) value = normal(engine);
  return values;
}

// States the definition, one dimension at a time.
std::uint32_t matches_of(const std::vector<float>& query, const std::vector<float>& key, std::uint32_t first,
                         std::uint32_t last) {
  std::uint32_t matches = 0;
  for (std::uint32_t i = first; i < last; ++i) matches += (query[i] >= 0.0f) == (key[i] >= 0.0f);
  return matches;
}

struct Shape {
  std::uint32_t head_dim, columns;
};

}  // namespace

TEST_CASE("a segmentation covers the head dimension exactly once") {
  for (const Shape shape :
       {Shape{64, 64}, Shape{64, 256}, Shape{100, 64}, Shape{128, 64}, Shape{65, 1}, Shape{1, 4096}}) {
    const Segmentation segmentation{shape.head_dim, shape.columns};
    std::uint32_t covered = 0;
    for (std::uint32_t segment = 0; segment < segmentation.segments(); ++segment) {
      CHECK(segmentation.used_columns(segment) >= 1);
      CHECK(segmentation.used_columns(segment) <= shape.columns);
      CHECK(segmentation.words_per_segment() * 64 >= segmentation.used_columns(segment));
      covered += segmentation.used_columns(segment);
    }
    CHECK(covered == shape.head_dim);
  }
}

TEST_CASE("the bit of a number is 1 from minus zero upwards") {
  const std::vector<float> values = {
      -0.0f, 0.0f,  std::numeric_limits<float>::denorm_min(), -std::numeric_limits<float>::denorm_min(),
      1.5f,  -1.5f, std::numeric_limits<float>::max(),        std::numeric_limits<float>::lowest()};
  BitRows rows({8, 64}, 1);
  rows.pack(0, values);
  CHECK(rows.words(0, 0)[0] == (1u << 0 | 1u << 1 | 1u << 2 | 1u << 4 | 1u << 6));
}

TEST_CASE("matches are counted as the definition says, whatever the segmentation") {
  for (const Shape shape :
       {Shape{64, 64}, Shape{64, 16}, Shape{100, 64}, Shape{130, 256}, Shape{200, 150}, Shape{7, 3}, Shape{1, 1}}) {
    CAPTURE(shape.head_dim, shape.columns);
    const Segmentation segmentation{shape.head_dim, shape.columns};
    constexpr std::uint32_t keys = 9;
    const std::vector<float> query = random_values(shape.head_dim, 1);
    BitRows query_bits(segmentation, 2);
    query_bits.pack(1, query);
    BitRows key_bits(segmentation, keys);
    std::vector<std::vector<float>> key_values;
    for (std::uint32_t key = 0; key < keys; ++key) {
      key_values.push_back(random_values(shape.head_dim, 100 + key));
      key_bits.pack(key, key_values.back());
    }
    for (std::uint32_t segment = 0; segment < segmentation.segments(); ++segment) {
      const std::uint32_t first = segment * shape.columns;
      std::vector<std::uint32_t> matches(4);
      count_matches(query_bits, 1, key_bits, 3, 4, segment, matches.data());
      for (std::uint32_t i = 0; i < 4; ++i) {
        CHECK(matches[i] == matches_of(query, key_values[3 + i], first, first + segmentation.used_columns(segment)));
      }
    }
  }
}

TEST_CASE("a key and its complement share the matches between them") {
  const Segmentation segmentation{100, 64};
  const std::vector<float> query = random_values(100, 5);
  std::vector<float> key = random_values(100, 6);
  BitRows query_bits(segmentation, 1);
  BitRows key_bits(segmentation, 2);
  query_bits.pack(0, query);
  key_bits.pack(0, key);
  for (float& value : key) value = value >= 0.0f ? -1.0f : 1.0f;
  key_bits.pack(1, key);
  std::uint32_t total = 0;
  for (std::uint32_t segment = 0; segment < 2; ++segment) {
    std::uint32_t matches[2];
    count_matches(query_bits, 0, key_bits, 0, 2, segment, matches);
    CHECK(matches[0] + matches[1] == segmentation.used_columns(segment));
    total += matches[0] + matches[1];
  }
  CHECK(total == 100);
}

TEST_CASE("a query matches itself in every dimension, and columns beyond the head dimension add nothing") {
  const std::vector<float> values = random_values(40, 7);
  BitRows rows({40, 256}, 1);
  rows.pack(0, values);
  std::uint32_t matches = 0;
  count_matches(rows, 0, rows, 0, 1, 0, &matches);
  CHECK(matches == 40);
}

TEST_CASE("packing a row again replaces it") {
  BitRows rows({3, 64}, 1);
  rows.pack(0, std::vector<float>{1, 1, 1});
  rows.pack(0, std::vector<float>{-1, 1, -1});
  CHECK(rows.words(0, 0)[0] == 2u);
}

TEST_CASE("permuting keys permutes matches") {
  const Segmentation segmentation{64, 64};
  constexpr std::uint32_t keys = 16;
  BitRows query(segmentation, 1);
  query.pack(0, random_values(64, 1));
  BitRows straight(segmentation, keys);
  BitRows permuted(segmentation, keys);
  std::vector<std::uint32_t> order(keys);
  std::iota(order.begin(), order.end(), 0u);
  std::shuffle(order.begin(), order.end(), std::mt19937(3));
  for (std::uint32_t key = 0; key < keys; ++key) {
    straight.pack(key, random_values(64, 10 + key));
    permuted.pack(order[key], random_values(64, 10 + key));
  }
  std::uint32_t before[keys];
  std::uint32_t after[keys];
  count_matches(query, 0, straight, 0, keys, 0, before);
  count_matches(query, 0, permuted, 0, keys, 0, after);
  for (std::uint32_t key = 0; key < keys; ++key) CHECK(after[order[key]] == before[key]);
}
