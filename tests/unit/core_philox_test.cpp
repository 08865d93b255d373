// SPDX-License-Identifier: Apache-2.0
#include "core/philox.h"

#include <cmath>
#include <set>

#include "support/catch.h"

using namespace capcam;

TEST_CASE("philox gives the known answers of Random123", "[core]") {
  // The vectors are those of github.com/DEShawResearch/random123, tests/kat_vectors, lines "philox4x32 10".
  CHECK(philox4x32({0, 0, 0, 0}, {0, 0}) == PhiloxCounter{0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u});
  CHECK(philox4x32({0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu}, {0xffffffffu, 0xffffffffu}) ==
        PhiloxCounter{0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu});
  CHECK(philox4x32({0x243f6a88u, 0x85a308d3u, 0x13198a2eu, 0x03707344u}, {0xa4093822u, 0x299f31d0u}) ==
        PhiloxCounter{0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u});
}

TEST_CASE("a uniform never is 0 or 1", "[core]") {
  CHECK(philox_uniform(0, 0) == 0x1p-53);
  CHECK(philox_uniform(0xffffffffu, 0xffffffffu) == 1.0 - 0x1p-53);
  CHECK(philox_uniform(0x80000000u, 0) == 0.5 + 0x1p-53);
}

TEST_CASE("a seed's 64 bits all reach the key", "[core]") {
  CHECK(philox_key(0x0123456789abcdefu) == PhiloxKey{0x89abcdefu, 0x01234567u});
}

TEST_CASE("normals have the moments of a standard normal", "[core]") {
  constexpr int draws = 100'000;  // two numbers each
  double sum = 0.0;
  double squares = 0.0;
  double products = 0.0;
  int beyond_two = 0;
  for (std::uint32_t i = 0; i < draws; ++i) {
    const auto [a, b] = philox_normals({i, 1, 2, 3}, philox_key(7));
    sum += a + b;
    squares += a * a + b * b;
    products += a * b;
    beyond_two += (std::fabs(a) > 2.0) + (std::fabs(b) > 2.0);
  }
  constexpr double count = 2.0 * draws;
  // Five standard errors: 1/sqrt(n) of the mean, sqrt(2/n) of the variance, sqrt(p(1-p)/n) of a share.
  CHECK(std::fabs(sum / count) < 5.0 / std::sqrt(count));
  CHECK(std::fabs(squares / count - 1.0) < 5.0 * std::sqrt(2.0 / count));
  CHECK(std::fabs(products / draws) < 5.0 / std::sqrt(static_cast<double>(draws)));
  const double tail = std::erfc(2.0 / std::sqrt(2.0));  // P(|x| > 2) = 4.55 %
  CHECK(std::fabs(beyond_two / count - tail) < 5.0 * std::sqrt(tail * (1.0 - tail) / count));
}

TEST_CASE("every word of the counter and of the key changes the draw", "[core]") {
  std::set<PhiloxCounter> draws{philox4x32({1, 2, 3, 4}, {5, 6})};
  for (int word = 0; word < 4; ++word) {
    PhiloxCounter counter{1, 2, 3, 4};
    counter[word] ^= 1u;
    draws.insert(philox4x32(counter, {5, 6}));
  }
  draws.insert(philox4x32({1, 2, 3, 4}, {4, 6}));
  draws.insert(philox4x32({1, 2, 3, 4}, {5, 7}));
  CHECK(draws.size() == 1 + 4 + 2);
}
