// SPDX-License-Identifier: Apache-2.0
#include <vector>

#include "capcam/converter.h"
#include "kernels/conversions.h"
#include "support/catch.h"

using namespace capcam;

namespace {

Config ramp(std::uint32_t tile_k, std::uint32_t rows_per_converter = 1) {
  Config config;
  config.sensing.kind = "ramp";
  config.sensing.bits = 4;
  config.sensing.rows_per_converter = rows_per_converter;
  config.top_n.tile_k = tile_k;
  return config;
}

Conversion of(const std::vector<std::uint32_t>& codes, std::uint32_t wanted, std::uint32_t rows_per_converter = 1) {
  return Conversions(ramp(wanted, rows_per_converter), 1)
      .of_codes(codes, {0, static_cast<std::uint32_t>(codes.size())},
                ValidKeys(0, static_cast<std::uint32_t>(codes.size()), nullptr));
}

}  // namespace

TEST_CASE("a ramp stops when as many rows as wanted have crossed: the best one at the top takes one step") {
  CHECK(of({15, 3, 2}, 1).steps == 1);
  CHECK(of({3, 12, 2}, 1).steps == 4);  // 15, 14, 13, 12
  CHECK(of({3, 12, 10}, 2).steps == 6);
}

TEST_CASE("rows that cross on the same step cross together") {
  CHECK(of({9, 9, 9, 1}, 1).steps == of({9, 9, 9, 1}, 3).steps);
  CHECK(of({9, 9, 9, 1}, 3).steps == 7);
}

TEST_CASE("fewer rows than wanted, or all of them: until the last has crossed; code 0 is known after code 1") {
  CHECK(of({9, 4}, 5).steps == 12);
  CHECK(of({9, 4, 7}, 0).steps == 12);
  CHECK(of({9, 1}, 0).steps == 15);
  CHECK(of({9, 0}, 0).steps == 15);
}

TEST_CASE("a row is compared until it has crossed or the ramp stops") {
  CHECK(of({15, 12, 3}, 2).comparisons == 1 + 4 + 4);
  CHECK(of({15, 12, 3}, 0).comparisons == 1 + 4 + 13);
}

TEST_CASE("rows without a valid key are not compared, and a ramp that has none takes no step") {
  const std::vector<std::uint32_t> codes = {15, 5, 8, 14};
  const Conversion inner = Conversions(ramp(1), 1).of_codes(codes, {100, 4}, ValidKeys(101, 103, nullptr));
  CHECK(inner.steps == 8);  // of 5 and 8
  CHECK(inner.comparisons == 16);
  const Conversion none = Conversions(ramp(1), 1).of_codes(codes, {100, 4}, ValidKeys(0, 50, nullptr));
  CHECK(none.steps == 0);
  // Interleaved: keys 100, 103, 106 and 109.
  CHECK(Conversions(ramp(1), 1).of_codes(codes, {100, 4, 3}, ValidKeys(101, 109, nullptr)).steps == 8);
}

TEST_CASE("rows that share a comparator are converted by one ramp after another") {
  // Turn 0: codes 15 and 3; turn 1: codes 10 and 12.
  const Conversion shared = of({15, 10, 3, 12}, 1, 2);
  CHECK(shared.steps == 1 + 4);
  CHECK(shared.comparisons == 2 + 8);
}

TEST_CASE("a segment of several cannot tell the best rows: its ramp converts all") {
  const std::vector<std::uint32_t> codes = {15, 9, 4};
  const ValidKeys all(0, 3, nullptr);
  CHECK(Conversions(ramp(1), 1).of_codes(codes, {0, 3}, all).steps == 1);
  CHECK(Conversions(ramp(1), 3).of_codes(codes, {0, 3}, all).steps == 12);
}

TEST_CASE("a step of the reference takes ramp_step_cycles") {
  Config config = ramp(1);
  config.sensing.ramp_step_cycles = 3;
  CHECK(Conversions(config, 1).of_codes(std::vector<std::uint32_t>{12}, {0, 1}, ValidKeys(0, 1, nullptr)).cycles ==
        4 * 3);
}
