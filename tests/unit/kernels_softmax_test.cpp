// SPDX-License-Identifier: Apache-2.0
#include "kernels/softmax.h"

#include <cmath>

#include "kernels/contextualization.h"
#include "support/catch.h"

using namespace capcam;

namespace {

Config params(const std::string& kind, std::uint32_t bits = 6) {
  Config config;
  config.sensing.kind = kind;
  config.sensing.bits = bits;
  return config;
}

}  // namespace

TEST_CASE("rounding to bf16 keeps 8 bits of significand and goes to even in the middle") {
  CHECK(round_to(NumberFormat::bf16, 1.0f) == 1.0f);
  CHECK(round_to(NumberFormat::bf16, 1.0f + 1.0f / 256) == 1.0f);               // halfway, 1 is even
  CHECK(round_to(NumberFormat::bf16, 1.0f + 3.0f / 256) == 1.0f + 4.0f / 256);  // halfway, up to even
  CHECK(round_to(NumberFormat::bf16, 1.0f + 1.5f / 256) == 1.0f + 2.0f / 256);  // above the middle
  CHECK(round_to(NumberFormat::fp32, 1.0f + 1.0f / 256) == 1.0f + 1.0f / 256);
}

TEST_CASE("the exp table is exp of the distance in s, two for a match") {
  // D = 64 and unit sigmas: scale 1/8, so a match less multiplies a weight by exp(-2/8).
  const ExpTable table(NumberFormat::fp32, 1.0 / 8, Sensing(params("ideal"), {64, 64}));
  for (std::int32_t matches = 0; matches <= 64; ++matches) {
    CHECK(table(matches) == static_cast<float>(std::exp(-0.25 * matches)));
  }
}

TEST_CASE("a converter's table has one entry per step and the same exponentials at whole matches") {
  // Segments of 64 and 36 columns, 6 bits: the step is 4/64 of a match.
  const Sensing sensing(params("sar"), {100, 64});
  const ExpTable table(NumberFormat::fp32, 0.1, sensing);
  CHECK(table(0) == 1.0f);
  CHECK(table(4) == static_cast<float>(std::exp(-0.1 * 2.0 * 4.0 / 64.0)));
  CHECK(table(64) == static_cast<float>(std::exp(-0.1 * 2.0)));
  CHECK(table(sensing.max_score()) == Approx(std::exp(-0.1 * 2.0 * 100.0 * 63.0 / 64.0)));
}

TEST_CASE("entries are rounded to the format and never rise with distance") {
  const ExpTable table(NumberFormat::bf16, 0.037, Sensing(params("ideal"), {128, 64}));
  for (std::int32_t distance = 1; distance <= 128; ++distance) {
    CHECK(table(distance) == round_to(NumberFormat::bf16, static_cast<float>(std::exp(-0.074 * distance))));
    CHECK(table(distance) <= table(distance - 1));
  }
}

TEST_CASE("weights sum to about 1, and to exactly 1 for a single key") {
  const Sensing sensing(params("ideal"), {64, 64});
  for (const NumberFormat format : {NumberFormat::bf16, NumberFormat::fp32}) {
    const ExpTable table(format, 0.125, sensing);
    std::vector<Candidate> selection;
    for (std::uint32_t key = 0; key < 32; ++key) selection.push_back({60 - static_cast<std::int32_t>(key) / 2, key});
    std::vector<float> weights(32);
    const float sum = exponentiate(table, selection, weights);
    divide(format, sum, weights);
    double total = 0.0;
    for (const float weight : weights) total += weight;
    // Each weight is off by half a unit in the last place at most: 2^-9 for bf16, 2^-24 for fp32; each addition of the
    // fp32 sum adds as much.
    CHECK(total == Approx(1.0).margin(format == NumberFormat::bf16 ? 1.0 / 512 + 1e-5 : 33.0 / (1 << 24)));

    std::vector<float> only(1);
    divide(format, exponentiate(table, std::span(selection).last(1), only), only);
    CHECK(only[0] == 1.0f);
  }
}

TEST_CASE("equal scores get equal weights") {
  const ExpTable table(NumberFormat::bf16, 0.125, Sensing(params("ideal"), {64, 64}));
  const std::vector<Candidate> selection = {{40, 1}, {40, 5}, {40, 6}, {40, 9}};
  std::vector<float> weights(4);
  const float sum = exponentiate(table, selection, weights);
  CHECK(sum == 4.0f);
  divide(NumberFormat::bf16, sum, weights);
  for (const float weight : weights) CHECK(weight == 0.25f);
}

TEST_CASE("sums are taken in fp32 in selection order") {
  // 1 + 2^-25 rounds back to 1 however often it is added; the 8 small ones first would make 1 + 2^-22.
  const double scale = 25.0 * std::log(2.0) / 2.0;  // one match less: 2^-25
  const ExpTable table(NumberFormat::fp32, scale, Sensing(params("ideal"), {4, 4}));
  std::vector<Candidate> selection = {{4, 0}};
  for (std::uint32_t key = 1; key < 9; ++key) selection.push_back({3, key});
  std::vector<float> exponentials(selection.size());
  const float sum = exponentiate(table, selection, exponentials);
  CHECK(exponentials[1] == Approx(std::ldexp(1.0, -25)));
  CHECK(sum == 1.0f);
}

TEST_CASE("an empty selection has no exponentials and the sum zero") {
  const ExpTable table(NumberFormat::bf16, 1.0, Sensing(params("ideal"), {4, 4}));
  CHECK(exponentiate(table, {}, {}) == 0.0f);
}

TEST_CASE("a value row is added with its weight, product and sum rounded apart") {
  std::vector<float> output = {1.0f, -2.0f, -1.0f};
  const float above_one = 1.0f + std::ldexp(1.0f, -23);
  accumulate_value(0.5f, std::vector<float>{4.0f, 4.0f, 2.0f}, output);
  CHECK(output == std::vector<float>{3.0f, 0.0f, 0.0f});
  // (1 + e)^2 = 1 + 2e + e^2 rounds to 1 + 2e; a fused multiply-add would leave e^2 behind.
  std::vector<float> rest = {-(1.0f + std::ldexp(1.0f, -22))};
  accumulate_value(above_one, std::vector<float>{above_one}, rest);
  CHECK(rest[0] == 0.0f);
}
