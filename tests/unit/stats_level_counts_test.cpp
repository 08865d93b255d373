// SPDX-License-Identifier: Apache-2.0
#include "stats/level_counts.h"

#include <random>

#include "support/catch.h"

using namespace capcam;

TEST_CASE("levels of every width are counted, and only once") {
  std::mt19937 engine(4);
  for (const std::uint32_t most : {0u, 1u, 65u, 254u, 255u, 700u}) {
    LevelCounts counts(most);
    for (int round = 0; round < 2; ++round) {
      std::vector<std::uint64_t> expected(most + 1);
      const auto draw = [&](auto& levels, std::size_t size) {
        for (std::size_t i = 0; i < size; ++i) {
          levels.push_back(static_cast<typename std::decay_t<decltype(levels)>::value_type>(engine() % (most + 1)));
          ++expected[levels.back()];
        }
      };
      for (const std::size_t size : {0u, 1u, 7u, 8u, 101u}) {
        std::vector<std::uint8_t> narrow;
        std::vector<std::uint16_t> wide;
        std::vector<std::uint32_t> wider;
        if (most < 256) draw(narrow, size);
        draw(wide, size);
        draw(wider, size);
        counts.add(std::span<const std::uint8_t>(narrow));
        counts.add(std::span<const std::uint16_t>(wide));
        counts.add(std::span<const std::uint32_t>(wider));
      }
      counts.take([&](std::size_t level, std::uint64_t count) { CHECK(count == expected[level]); });
    }
  }
}
