// SPDX-License-Identifier: Apache-2.0
#include "stats/query_sample.h"

#include <algorithm>
#include <vector>

#include "support/catch.h"

using namespace capcam;

TEST_CASE("every query or none") {
  const QuerySample all(3, 5, 1.0), none(3, 5, 0.0);
  CHECK(all.size() == 15);
  CHECK(none.size() == 0);
  for (std::uint32_t head = 0; head < 3; ++head) {
    for (std::uint32_t query = 0; query < 5; ++query) {
      CHECK(all.query(head, query) == query);
      CHECK(all.place(head, query) == query);
      CHECK(!none.place(head, query));
    }
  }
}

TEST_CASE("a share above 0 picks at least one query of every head") {
  for (const double share : {1e-300, 1e-8, 0.001, 0.2}) {
    const QuerySample sample(7, 4, share);
    CHECK(sample.size() == 7);
    for (std::uint32_t head = 0; head < 7; ++head) CHECK(sample.count(head) == 1);
  }
}

TEST_CASE("picks are as many of every head to one, in ascending order, and found by their place") {
  for (const std::uint32_t heads : {1u, 2u, 5u, 12u}) {
    for (const std::uint32_t queries : {1u, 2u, 9u, 64u, 1000u}) {
      for (const double share : {0.01, 0.13, 0.5, 0.77, 0.999}) {
        const QuerySample sample(heads, queries, share);
        std::uint64_t size = 0;
        for (std::uint32_t head = 0; head < heads; ++head) {
          const std::uint32_t count = sample.count(head);
          REQUIRE(count >= 1);
          REQUIRE(count <= queries);
          CHECK(count + 1 >= sample.count(0));
          CHECK(count <= sample.count(0) + 1);
          size += count;
          std::uint32_t next = 0;  // the pick to come
          for (std::uint32_t query = 0; query < queries; ++query) {
            const bool picked = next < count && sample.query(head, next) == query;
            if (sample.place(head, query) != (picked ? std::optional(next) : std::nullopt)) FAIL("place");
            next += picked ? 1 : 0;
          }
          CHECK(next == count);
        }
        CHECK(size == sample.size());
        const double wanted = share * heads * queries;
        if (wanted >= heads) CHECK(std::abs(static_cast<double>(size) - wanted) <= 0.5);
      }
    }
  }
}

TEST_CASE("picks of a head are evenly spaced, and heads together cover all positions") {
  const QuerySample sample(64, 1024, 1.0 / 64);  // 16 of every head
  std::vector<int> in_part(64, 0);               // positions in 64 equal parts, over all heads
  for (std::uint32_t head = 0; head < 64; ++head) {
    REQUIRE(sample.count(head) == 16);
    for (std::uint32_t i = 0; i < 16; ++i) {
      ++in_part[sample.query(head, i) / 16];
      if (i > 0) CHECK(sample.query(head, i) - sample.query(head, i - 1) == 1024 / 16);
    }
  }
  CHECK(*std::min_element(in_part.begin(), in_part.end()) == 16);
  CHECK(*std::max_element(in_part.begin(), in_part.end()) == 16);
}
