// SPDX-License-Identifier: Apache-2.0
#include "kernels/sensing.h"

#include <cmath>

#include "support/catch.h"

using namespace capcam;

namespace {

Config sar(std::uint32_t bits) {
  Config config;
  config.sensing.kind = "sar";
  config.sensing.bits = bits;
  return config;
}

Config ideal() {
  Config config;
  config.sensing.kind = "ideal";
  return config;
}

}  // namespace

TEST_CASE("ideal sensing scores the match count") {
  const Sensing sensing(ideal(), {100, 64});
  for (std::uint32_t matches = 0; matches <= 36; ++matches) {
    CHECK(sensing.code(1, matches) == matches);
    CHECK(sensing.score(1, matches) == static_cast<std::int32_t>(matches));
  }
  CHECK(sensing.scores_per_match() == 1);
  CHECK(sensing.score_step() == 1);
  CHECK(sensing.max_score() == 100);
}

TEST_CASE("with 64 columns and 6 bits every match count is its own code but the last two share one") {
  const Sensing sensing(sar(6), {64, 64});
  for (std::uint32_t matches = 0; matches < 64; ++matches) CHECK(sensing.code(0, matches) == matches);
  CHECK(sensing.code(0, 64) == 63);
  CHECK(sensing.max_score() == 63 * 64);  // the top code, in units of 1/64 match
  CHECK(sensing.scores_per_match() == 64);
}

TEST_CASE("a converter rounds half a step up and stays on its scale") {
  // 2 columns and 1 bit: one match is V / V_lsb = 1; two are 2, clamped to 1.
  CHECK(Sensing(sar(1), {2, 2}).code(0, 0) == 0);
  CHECK(Sensing(sar(1), {2, 2}).code(0, 1) == 1);
  CHECK(Sensing(sar(1), {2, 2}).code(0, 2) == 1);
  // 4 columns and 1 bit: one match is 0.5, which rounds up.
  CHECK(Sensing(sar(1), {4, 4}).code(0, 1) == 1);
  // 3 columns and 2 bits: 4/3 rounds to 1, 8/3 to 3.
  CHECK(Sensing(sar(2), {3, 3}).code(0, 1) == 1);
  CHECK(Sensing(sar(2), {3, 3}).code(0, 2) == 3);
}

TEST_CASE("the code is the published formula in real numbers, never falls, and errs by half a step at most") {
  for (const std::uint32_t bits : {1u, 3u, 6u, 8u, 16u}) {
    for (const std::uint32_t columns : {1u, 5u, 48u, 64u, 100u, 4096u}) {
      const Sensing sensing(sar(bits), {columns, columns});
      const double levels = std::ldexp(1.0, static_cast<int>(bits));
      std::uint32_t previous = 0;
      bool as_formula = true;
      bool rising = true;
      bool close = true;
      for (std::uint32_t matches = 0; matches <= columns; ++matches) {
        const std::uint32_t code = sensing.code(0, matches);
        // V / V_lsb is exact here or far from a half: only then may double stand in for the fraction.
        const double steps = matches * levels / columns;
        as_formula = as_formula && code == std::min(std::floor(steps + 0.5), levels - 1.0);
        rising = rising && code >= previous;
        close = close && std::abs(std::min(steps, levels - 1.0) - code) <= 0.5;
        previous = code;
      }
      CAPTURE(bits, columns);
      CHECK(as_formula);
      CHECK(rising);
      CHECK(close);
      CHECK(previous == levels - 1.0);
    }
  }
}

TEST_CASE("segments of different width add up in one unit") {
  // 100 dimensions on 64 columns: segments of 64 and 36.
  const Sensing sensing(sar(6), {100, 64});
  const std::int32_t full = sensing.score(0, 63) + sensing.score(1, 63);
  CHECK(full == 63 * 64 + 63 * 36);
  CHECK(sensing.max_score() == full);
  CHECK(sensing.score_step() == 4);  // gcd(64, 36)
  // A code of 32 is half of a segment's columns, in matches: 32 and 18.
  CHECK(sensing.score(0, 32) == 32 * sensing.scores_per_match());
  CHECK(sensing.score(1, 32) == 18 * sensing.scores_per_match());
}

TEST_CASE("every score is a multiple of the step") {
  for (const Segmentation segmentation : {Segmentation{100, 64}, Segmentation{96, 64}, Segmentation{65, 64}}) {
    const Sensing sensing(sar(5), segmentation);
    for (std::uint32_t code = 0; code < 32; ++code) {
      for (std::uint32_t segment = 0; segment < segmentation.segments(); ++segment) {
        CHECK(sensing.score(segment, code) % sensing.score_step() == 0);
      }
    }
  }
}

TEST_CASE("the largest score is known before it is known to fit") {
  CHECK(largest_score(ideal().sensing, 64) == 64);
  CHECK(largest_score(sar(16).sensing, 1000000) == 65535ull * 1000000ull);
}
