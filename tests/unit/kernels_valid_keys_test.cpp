// SPDX-License-Identifier: Apache-2.0
#include "kernels/valid_keys.h"

#include <cstdlib>
#include <limits>
#include <random>

#include "support/catch.h"

using namespace capcam;

namespace {

// States the rule in other words, as an independent reference.
bool valid_by_definition(const ValidKeyRule& rule, std::uint32_t query, std::uint32_t key) {
  const auto p = static_cast<std::int64_t>(rule.query_offset + query);
  const auto j = static_cast<std::int64_t>(key);
  if (rule.mask && (((*rule.mask)[key / 64] >> (key % 64)) & 1) == 0) return false;
  if (rule.causal && j > p) return false;
  if (!rule.window) return true;
  const auto w = static_cast<std::int64_t>(*rule.window);
  return rule.causal ? p - w + 1 <= j && j <= p : std::abs(j - p) < w;
}

}  // namespace

TEST_CASE("valid keys are those of the definition, alone and counted") {
  constexpr std::uint32_t keys = 70;
  std::mt19937 engine(1);
  auto mask = std::make_shared<std::vector<std::uint64_t>>(2);
  for (std::uint64_t& word : *mask) word = std::uint64_t{engine()} << 32 | engine();
  (*mask)[1] &= 0x3f;

  for (const bool causal : {false, true}) {
    for (const std::uint64_t offset : {0ull, 1ull, 40ull, 69ull, 70ull, 75ull, 500ull}) {
      for (const std::int64_t window : {-1, 0, 1, 2, 7, 64, 70, 1000}) {
        for (const bool masked : {false, true}) {
          ValidKeyRule rule{keys, causal, offset, std::nullopt, nullptr};
          if (window >= 0) rule.window = static_cast<std::uint64_t>(window);
          if (masked) rule.mask = mask;
          CAPTURE(causal, offset, window, masked);
          for (const std::uint32_t query : {0u, 1u, 5u, 33u, 80u}) {
            const ValidKeys valid = rule(query);
            std::vector<std::uint32_t> up_to = {0};  // valid keys below key
            bool same = true;
            for (std::uint32_t key = 0; key < keys; ++key) {
              const bool expected = valid_by_definition(rule, query, key);
              same = same && valid(key) == expected;
              up_to.push_back(up_to.back() + expected);
            }
            CHECK(same);
            CHECK(valid.begin() <= valid.end());
            CHECK(valid.end() <= keys);
            bool counted = true;
            for (std::uint32_t first = 0; first <= keys; ++first) {
              for (std::uint32_t last = first; last <= keys; ++last) {
                const std::uint32_t expected = up_to[last] - up_to[first];
                counted = counted && valid.count(first, last) == expected && valid.any(first, last) == (expected > 0) &&
                          valid.all(first, last) == (expected == last - first);
              }
            }
            CHECK(counted);
          }
        }
      }
    }
  }
}

TEST_CASE("a query far beyond its window's keys has none") {
  const ValidKeyRule rule{100, true, 1000, 16, nullptr};
  const ValidKeys valid = rule(0);
  CHECK(valid.begin() == valid.end());
  CHECK(!valid.any(0, 100));
  CHECK(valid.count(0, 100) == 0);
}

TEST_CASE("a fully masked sequence has no valid key") {
  const ValidKeyRule rule{3, false, 0, std::nullopt, std::make_shared<std::vector<std::uint64_t>>(1)};
  CHECK(rule(0).count(0, 3) == 0);
  CHECK(!rule(0)(1));
}

TEST_CASE("positions at the end of the number range do not wrap around") {
  constexpr std::uint64_t huge = std::numeric_limits<std::uint64_t>::max();
  CHECK((ValidKeyRule{10, true, huge, std::nullopt, nullptr}(5)).count(0, 10) == 10);
  CHECK((ValidKeyRule{10, true, 0, huge, nullptr}(5)).count(0, 10) == 6);
  CHECK((ValidKeyRule{10, false, 0, huge, nullptr}(5)).count(0, 10) == 10);
  CHECK((ValidKeyRule{10, false, huge, 4, nullptr}(5)).count(0, 10) == 0);
}
