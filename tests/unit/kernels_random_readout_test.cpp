// SPDX-License-Identifier: Apache-2.0
#include "kernels/random_readout.h"

#include <cmath>
#include <random>

#include "core/philox.h"
#include "kernels/matchline.h"
#include "kernels/standard_normal.h"
#include "support/catch.h"

using namespace capcam;

namespace {

struct Moments {
  double sum = 0.0, squares = 0.0;
  std::uint32_t n = 0;
  void add(double x) {
    sum += x;
    squares += x * x;
    ++n;
  }
  double mean() const { return sum / n; }
  double deviation() const { return std::sqrt(squares / n - mean() * mean()); }
};

// 16 bits: an LSB far finer than the errors, so that rounding (1/12 LSB^2) hides nothing.
SensingParams fine_sensing() {
  SensingParams sensing;
  sensing.bits = 16;
  sensing.circuit.cell_capacitance_ff = 2.0;
  return sensing;
}

constexpr Segmentation row_of_64{64, 64};

// Returns codes of rows that match in their first m cells; each is a row of an array of its own.
Moments codes_over_arrays(const SensingParams& sensing, std::uint32_t m, std::uint32_t arrays) {
  const RandomReadout readout(sensing, row_of_64, 7);
  const SegmentReadout& segment = readout.segment(0);
  const std::uint64_t query = ~std::uint64_t{0}, stored = m == 64 ? query : (std::uint64_t{1} << m) - 1;
  Moments codes;
  for (std::uint32_t array = 0; array < arrays; ++array) {
    const CellMismatch cells = readout.cells(0, array, 1, 64);
    const std::int32_t matching = sum_of_matching_cells(cells.row(0), 64, {&query, 1}, {&stored, 1});
    codes.add(segment.code(m, matching, segment.row(sum_of_cells(cells.row(0), 64), 0.0f, nullptr), 0.0f));
  }
  return codes;
}

// Codes of one row over many searches.
Moments codes_over_searches(const SensingParams& sensing, std::uint32_t m, std::uint32_t searches) {
  const RandomReadout readout(sensing, row_of_64, 11);
  const SegmentReadout& segment = readout.segment(0);
  Moments codes;
  for (std::uint32_t query = 0; query < searches; ++query)
    codes.add(segment.code(m, 0, segment.row(0, 0.0f, nullptr), readout.normal(0, query, 5, 0)));
  return codes;
}

// Tolerance of a standard deviation estimated from n normal draws: 5 of its own standard deviations, 1 / sqrt(2 n).
double margin(std::uint32_t n) { return 5.0 / std::sqrt(2.0 * n); }

}  // namespace

TEST_CASE("the normal table is the quantile of the normal distribution within 2e-4, symmetric, at most 6.3") {
  const NormalTable& normal = NormalTable::get();
  std::mt19937 random(1);
  for (int i = 0; i < 100000; ++i) {
    const auto shift = static_cast<std::uint32_t>(random() % 31);
    const auto u = static_cast<std::uint32_t>(random() & 0x7fffffffu) >> shift;  // the far tail as often as the rest
    const float x = normal(u);
    CHECK(normal(u | 0x80000000u) == -x);
    // Where P(X > x) = p, an error of 2e-4 in x is one of density(x) 2e-4 in p.
    const double p = (u + 0.5) * 0x1p-32, tail = 0.5 * std::erfc(x / std::sqrt(2.0));
    const double density = std::exp(-0.5 * x * x) / std::sqrt(2.0 * 3.141592653589793);
    CHECK(std::abs(tail - p) < 2e-4 * density);
  }
  CHECK(normal(0) < 6.4f);
  CHECK(normal(0) > 6.2f);
  CHECK(std::abs(normal(0x7fffffffu)) < 1e-4f);
}

TEST_CASE(
    "mismatch spreads a row's voltage by s sqrt(m (d - m) / d) / d of the supply, most at half, not at all at full") {
  SensingParams sensing = fine_sensing();
  sensing.circuit.matching_coefficient = 0.02;
  const double s = 0.02 / std::sqrt(2.0);
  constexpr std::uint32_t arrays = 4000;
  for (const std::uint32_t m : {8u, 32u, 50u}) {
    INFO(m);
    const Moments codes = codes_over_arrays(sensing, m, arrays);
    const double expected = 65536.0 * s * std::sqrt(m * (64.0 - m) / 64.0) / 64.0;
    CHECK(codes.deviation() == Approx(expected).epsilon(margin(arrays)));
    CHECK(codes.mean() == Approx(65536.0 * m / 64.0).margin(5.0 * expected / std::sqrt(arrays) + 1.0));
  }
  CHECK(codes_over_arrays(sensing, 64, 100).deviation() == 0.0);  // every cell is charged, whatever its size
  CHECK(codes_over_arrays(sensing, 0, 100).deviation() == 0.0);
}

TEST_CASE("the spread of mismatch falls with the square root of the capacitor") {
  SensingParams small = fine_sensing(), large = fine_sensing();
  small.circuit.matching_coefficient = large.circuit.matching_coefficient = 0.02;
  large.circuit.cell_capacitance_ff = 8.0;
  constexpr std::uint32_t arrays = 4000;
  CHECK(codes_over_arrays(small, 32, arrays).deviation() / codes_over_arrays(large, 32, arrays).deviation() ==
        Approx(2.0).epsilon(0.02));  // the same draws: only rounding to codes differs
}

TEST_CASE("thermal noise is sqrt(kT / (d C + C_p)), the same at every match count") {
  SensingParams sensing = fine_sensing();
  sensing.circuit.thermal_noise = true;
  sensing.circuit.temperature_c = 26.85;  // 300 K
  CHECK(thermal_noise_voltage(sensing.circuit, 64) == Approx(0.180e-3).epsilon(0.005));
  constexpr std::uint32_t searches = 20000;
  const double expected = 65536.0 * thermal_noise_voltage(sensing.circuit, 64);
  for (const std::uint32_t m : {5u, 32u, 60u}) {
    const Moments codes = codes_over_searches(sensing, m, searches);
    // Rounding to whole codes adds 1/12.
    CHECK(codes.deviation() == Approx(std::hypot(expected, std::sqrt(1.0 / 12.0))).epsilon(margin(searches)));
    CHECK(codes.mean() == Approx(65536.0 * m / 64.0).margin(5.0 * expected / std::sqrt(searches)));
  }
  sensing.circuit.temperature_c = 4 * 300.0 - 273.15;
  CHECK(65536.0 * thermal_noise_voltage(sensing.circuit, 64) == Approx(2.0 * expected));
}

TEST_CASE("comparator noise has the standard deviation it is given, and adds to thermal noise as variances") {
  SensingParams sensing = fine_sensing();
  sensing.circuit.comparator_noise_lsb = 20.0;
  constexpr std::uint32_t searches = 20000;
  CHECK(codes_over_searches(sensing, 32, searches).deviation() == Approx(20.0).epsilon(margin(searches)));
  sensing.circuit.thermal_noise = true;
  const double thermal = 65536.0 * thermal_noise_voltage(sensing.circuit, 64);
  CHECK(RandomReadout(sensing, row_of_64, 1).segment(0).noise == Approx(std::hypot(20.0, thermal)));
}

TEST_CASE("noise drawn for every cell has the variance of noise drawn once a row, with and without comparator noise") {
  for (const double comparator_lsb : {0.0, 10.0}) {
    SensingParams sensing = fine_sensing();
    sensing.circuit.thermal_noise = true;
    sensing.circuit.matchline_capacitance_ff = 60.0;
    sensing.circuit.comparator_noise_lsb = comparator_lsb;
    constexpr std::uint32_t searches = 10000;
    const Moments by_row = codes_over_searches(sensing, 32, searches);
    sensing.circuit.noise_per_cell = true;
    const Moments by_cell = codes_over_searches(sensing, 32, searches);
    const double expected = std::hypot(RandomReadout(sensing, row_of_64, 1).segment(0).noise, std::sqrt(1.0 / 12.0));
    CHECK(by_row.deviation() == Approx(expected).epsilon(margin(searches)));
    CHECK(by_cell.deviation() == Approx(expected).epsilon(margin(searches)));
    CHECK(by_cell.mean() == Approx(by_row.mean()).margin(5.0 * expected * std::sqrt(2.0 / searches)));
  }
}

TEST_CASE("in the time domain cells that do not match spread the arrival: none when all match, most when none does") {
  SensingParams sensing = fine_sensing();
  sensing.kind = "time_domain";
  sensing.circuit.delay_variation = 0.05;
  constexpr std::uint32_t arrays = 4000;
  CHECK(codes_over_arrays(sensing, 64, 100).deviation() == 0.0);
  for (const std::uint32_t m : {16u, 48u}) {
    const double expected = 65536.0 * 0.05 * std::sqrt(64.0 - m) / 64.0;
    CHECK(codes_over_arrays(sensing, m, arrays).deviation() == Approx(expected).epsilon(margin(arrays)));
  }
}

TEST_CASE("errors without randomness give the codes of the deterministic converter, but at the edges of a code") {
  SensingParams sensing;
  sensing.circuit.leakage_pa = 300.0;
  sensing.circuit.offset_lsb = 0.3;
  sensing.circuit.inl_lsb = 0.4;
  sensing.circuit.matchline_capacitance_ff = 11.0;
  const RandomReadout readout(sensing, row_of_64, 1);
  for (std::uint32_t m = 0; m <= 64; ++m) {
    const SegmentReadout& s = readout.segment(0);
    CHECK(s.code(m, 0, s.row(0, 0.0f, nullptr), 0.0f) == converter_codes(*make_converter(sensing), sensing, 64)[m]);
  }
}

TEST_CASE("a time-domain converter at another supply gives the codes of the deterministic one") {
  SensingParams sensing;
  sensing.kind = "time_domain";
  for (const double supply_error : {-0.1, 0.07}) {
    sensing.circuit.supply_error = supply_error;
    const RandomReadout readout(sensing, row_of_64, 1);
    const SegmentReadout& s = readout.segment(0);
    for (std::uint32_t m = 0; m <= 64; ++m)
      CHECK(s.code(m, 0, s.row(0, 0.0f, nullptr), 0.0f) == converter_codes(*make_converter(sensing), sensing, 64)[m]);
  }
}

TEST_CASE(
    "draws belong to what is computed: other arrays, heads, queries, keys and seeds draw anew, the same ones alike") {
  SensingParams sensing = fine_sensing();
  sensing.circuit.thermal_noise = true;
  sensing.circuit.matching_coefficient = 0.01;
  const RandomReadout readout(sensing, row_of_64, 3), again(sensing, row_of_64, 3), other(sensing, row_of_64, 4);
  const float z = readout.normal(1, 2, 3, 0);
  CHECK(z == again.normal(1, 2, 3, 0));
  for (const float different : {other.normal(1, 2, 3, 0), readout.normal(2, 2, 3, 0), readout.normal(1, 3, 3, 0),
                                readout.normal(1, 6, 3, 0), readout.normal(1, 2, 4, 0), readout.normal(1, 2, 3, 1)})
    CHECK(z != different);
  const auto first_row = [](const CellMismatch& cells) {
    return std::vector<std::int8_t>(cells.row(0), cells.row(0) + 64);
  };
  const auto cells = first_row(readout.cells(0, 0, 16, 64));
  CHECK(cells == first_row(again.cells(0, 0, 16, 64)));
  CHECK(cells == first_row(readout.cells(0, 0, 4, 64)));  // whatever the other rows
  CHECK(cells != first_row(readout.cells(0, 1, 16, 64)));
  CHECK(cells != first_row(readout.cells(1, 0, 16, 64)));
  CHECK(cells != first_row(other.cells(0, 0, 16, 64)));
}
