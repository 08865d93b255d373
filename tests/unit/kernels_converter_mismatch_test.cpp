// SPDX-License-Identifier: Apache-2.0
#include "kernels/converter_mismatch.h"

#include <cmath>

#include "kernels/random_readout.h"
#include "support/catch.h"

using namespace capcam;

namespace {

SensingParams six_bits() {
  SensingParams sensing;
  sensing.bits = 6;
  return sensing;
}

// Measures the part of [0, 2^b) that has each code, by a fine sweep of the input.
std::vector<double> widths(const ConverterMismatch& converters) {
  constexpr int steps = 512;
  SegmentReadout s;
  s.used = 64;
  s.levels = 64.0f;
  s.noise = 1.0f;  // the input is what is given as noise
  s.last_code = 63.0f;
  std::vector<double> width(64, 0.0);
  for (int i = 0; i < 64 * steps; ++i) {
    const RowReadout row{.offset = 0.0f, .thresholds = converters.thresholds(0)};
    width[s.code(0, 0, row, (static_cast<float>(i) + 0.5f) / steps)] += 1.0 / steps;
  }
  return width;
}

}  // namespace

TEST_CASE("without mismatch every code is one LSB wide") {
  for (const double width : widths(ConverterMismatch(six_bits(), 1, 0, 0, 16))) CHECK(width == 1.0);
}

TEST_CASE("the widths of codes spread by dnl_lsb, and no code goes missing") {
  SensingParams sensing = six_bits();
  sensing.circuit.dnl_lsb = 0.1;
  double squares = 0.0;
  std::uint32_t n = 0;
  for (std::uint32_t array = 0; array < 100; ++array) {
    const std::vector<double> width = widths(ConverterMismatch(sensing, 5, 0, array, 1));
    for (std::size_t code = 1; code < 63; ++code, ++n) {
      squares += (width[code] - 1.0) * (width[code] - 1.0);
      CHECK(width[code] > 0.0);
    }
  }
  // 6200 widths, neighbours correlated by -1/2: 5 standard deviations of the estimate are 6 %.
  CHECK(std::sqrt(squares / n) == Approx(0.1).epsilon(0.06));
}

TEST_CASE("offsets spread from converter to converter by offset_mismatch_mv; rows that share one share its offset") {
  SensingParams sensing = six_bits();
  sensing.circuit.offset_mismatch_mv = 8.0;
  sensing.rows_per_converter = 2;
  double sum = 0.0, squares = 0.0;
  constexpr std::uint32_t arrays = 500, converters = 8;
  for (std::uint32_t array = 0; array < arrays; ++array) {
    const ConverterMismatch of_array(sensing, 5, 0, array, 16);
    for (std::uint32_t row = 0; row < 16; row += 2) {
      CHECK(of_array.offset_v(row) == of_array.offset_v(row + 1));
      sum += of_array.offset_v(row);
      squares += of_array.offset_v(row) * of_array.offset_v(row);
    }
  }
  constexpr double n = arrays * converters;
  CHECK(std::sqrt(squares / n) == Approx(0.008).epsilon(5.0 / std::sqrt(2.0 * n)));
  CHECK(std::abs(sum / n) < 5.0 * 0.008 / std::sqrt(n));
}
