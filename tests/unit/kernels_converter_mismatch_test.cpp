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

TEST_CASE("every code of a flash has a comparator with an offset of its own, in volts, whatever an LSB is") {
  SensingParams sensing = six_bits();
  sensing.kind = "flash";
  sensing.circuit.offset_mismatch_mv = 1.0;
  const double volts_per_lsb[] = {0.0625, 0.03125};  // of a full segment and of the last
  constexpr std::uint32_t arrays = 200;
  double squares = 0.0, neighbours = 0.0;
  for (std::uint32_t array = 0; array < arrays; ++array) {
    const ConverterMismatch flash(sensing, 5, 0, array, 2, volts_per_lsb);
    CHECK(flash.offset_v(0) == 0.0);  // they have no offset in common
    const float *of = flash.thresholds(1), *last = flash.thresholds(1, true);
    CHECK_FALSE(std::equal(of + 1, of + 63, flash.thresholds(0) + 1));
    for (int code = 1; code < 64; ++code) {
      CHECK(last[code] == Approx(2.0f * of[code]));  // the same comparators on half the LSB
      squares += of[code] * of[code];
      neighbours += code > 1 ? of[code] * of[code - 1] : 0.0;
    }
  }
  constexpr double n = arrays * 63.0;
  CHECK(std::sqrt(squares / n) == Approx(1e-3 / 0.0625).epsilon(5.0 / std::sqrt(2.0 * n)));
  CHECK(std::abs(neighbours / squares) < 5.0 / std::sqrt(n));
}

TEST_CASE("comparators that are off by an LSB are counted: the code is how many say yes, and none goes back") {
  Config config;
  config.sensing.kind = "flash";
  config.sensing.circuit.offset_mismatch_mv = 15.0;  // of 15.6 mV
  const RandomReadout readout(config, {64, 64});
  CHECK_FALSE(readout.segment(0).nearest);
  const ConverterMismatch flash = readout.converters(0, 0, 4);
  const RowReadout row = readout.row(0, 2, {}, flash);
  std::uint32_t before = 0;
  for (std::uint32_t m = 0; m <= 64; ++m) {
    const float input = readout.segment(0).input(m, 0, row, 0.0f);
    std::uint32_t yes = 0;
    for (int i = 0; i < 63; ++i) yes += input >= row.thresholds[i] ? 1 : 0;
    CHECK(readout.segment(0).code(m, 0, row, 0.0f) == yes);
    CHECK(yes >= before);
    before = yes;
  }
  config.sensing.kind = "sar";
  CHECK(RandomReadout(config, {64, 64}).segment(0).nearest);
}

TEST_CASE("a converter errs as one without errors would that read the input less the nearest threshold's error") {
  Config config;
  config.sensing.kind = "flash";
  for (const double offset_mv : {0.5, 15.0}) {
    config.sensing.circuit.offset_mismatch_mv = offset_mv;
    const RandomReadout readout(config, {64, 64});
    const ConverterMismatch flash = readout.converters(0, 0, 1);
    const RowReadout row = readout.row(0, 0, {}, flash);
    const SegmentReadout& segment = readout.segment(0);
    for (const int k : {1, 20, 63}) {
      const float error = segment.nearest ? row.thresholds[k] : row.thresholds[k - 1] - static_cast<float>(k);
      CHECK(segment.as_decided(static_cast<float>(k) + 0.1f, row) == Approx(static_cast<float>(k) + 0.1f - error));
    }
  }
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
