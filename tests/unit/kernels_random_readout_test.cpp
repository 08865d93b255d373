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
Config fine_config() {
  Config config;
  config.sensing.bits = 16;
  config.sensing.circuit.cell_capacitance_ff = 2.0;
  return config;
}

constexpr Segmentation row_of_64{64, 64};

double thermal_v(const Config& config) {
  return RowCircuit(config, *make_converter(config.sensing), 64).thermal_noise_v();
}

// Returns codes of rows that match in their first m cells; each is a row of an array of its own.
Moments codes_over_arrays(Config config, std::uint32_t m, std::uint32_t arrays) {
  config.seed = 7;
  const RandomReadout readout(config, row_of_64);
  const SegmentReadout& segment = readout.segment(0);
  const std::uint64_t query = ~std::uint64_t{0}, stored = m == 64 ? query : (std::uint64_t{1} << m) - 1;
  Moments codes;
  for (std::uint32_t array = 0; array < arrays; ++array) {
    const CellMismatch cells = readout.cells(0, array, 1, 64);
    const std::int32_t matching = sum_of_matching_cells(cells.row(0), 64, {&query, 1}, {&stored, 1});
    const ConverterMismatch converters = readout.converters(0, array, 1);
    codes.add(segment.code(m, matching, readout.row(0, 0, cells, converters), 0.0f));
  }
  return codes;
}

// Codes of one row over many searches.
Moments codes_over_searches(Config config, std::uint32_t m, std::uint32_t searches) {
  config.seed = 11;
  const RandomReadout readout(config, row_of_64);
  const SegmentReadout& segment = readout.segment(0);
  Moments codes;
  for (std::uint32_t query = 0; query < searches; ++query)
    codes.add(segment.code(m, 0, readout.row(0, 0, {}, {}), readout.normal(0, query, 5, 0)));
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
  Config config = fine_config();
  config.sensing.circuit.matching_coefficient = 0.02;
  const double s = 0.02 / std::sqrt(2.0);
  constexpr std::uint32_t arrays = 4000;
  for (const std::uint32_t m : {8u, 32u, 50u}) {
    INFO(m);
    const Moments codes = codes_over_arrays(config, m, arrays);
    const double expected = 65536.0 * s * std::sqrt(m * (64.0 - m) / 64.0) / 64.0;
    CHECK(codes.deviation() == Approx(expected).epsilon(margin(arrays)));
    CHECK(codes.mean() == Approx(65536.0 * m / 64.0).margin(5.0 * expected / std::sqrt(arrays) + 1.0));
  }
  CHECK(codes_over_arrays(config, 64, 100).deviation() == 0.0);  // every cell is charged, whatever its size
  CHECK(codes_over_arrays(config, 0, 100).deviation() == 0.0);
}

TEST_CASE("the spread of mismatch falls with the square root of the capacitor") {
  Config small = fine_config(), large = fine_config();
  small.sensing.circuit.matching_coefficient = large.sensing.circuit.matching_coefficient = 0.02;
  large.sensing.circuit.cell_capacitance_ff = 8.0;
  constexpr std::uint32_t arrays = 4000;
  CHECK(codes_over_arrays(small, 32, arrays).deviation() / codes_over_arrays(large, 32, arrays).deviation() ==
        Approx(2.0).epsilon(0.02));  // the same draws: only rounding to codes differs
}

TEST_CASE("thermal noise is sqrt(kT / (d C + C_p)), the same at every match count") {
  Config config = fine_config();
  config.sensing.circuit.thermal_noise = true;
  config.sensing.circuit.temperature_c = 26.85;  // 300 K
  CHECK(thermal_v(config) == Approx(0.180e-3).epsilon(0.005));
  constexpr std::uint32_t searches = 20000;
  const double expected = 65536.0 * thermal_v(config);
  for (const std::uint32_t m : {5u, 32u, 60u}) {
    const Moments codes = codes_over_searches(config, m, searches);
    // Rounding to whole codes adds 1/12.
    CHECK(codes.deviation() == Approx(std::hypot(expected, std::sqrt(1.0 / 12.0))).epsilon(margin(searches)));
    CHECK(codes.mean() == Approx(65536.0 * m / 64.0).margin(5.0 * expected / std::sqrt(searches)));
  }
  config.sensing.circuit.temperature_c = 300.0 * 1.44 - 273.15;
  CHECK(65536.0 * thermal_v(config) == Approx(1.2 * expected));
}

TEST_CASE("comparator noise has the standard deviation it is given, and adds to thermal noise as variances") {
  Config config = fine_config();
  config.sensing.circuit.comparator_noise_mv = 20.0 / 65.536;  // 20 LSB of 1 V / 2^16
  constexpr std::uint32_t searches = 20000;
  CHECK(codes_over_searches(config, 32, searches).deviation() == Approx(20.0).epsilon(margin(searches)));
  config.sensing.circuit.thermal_noise = true;
  const double thermal = 65536.0 * thermal_v(config);
  CHECK(RandomReadout(config, row_of_64).segment(0).noise == Approx(std::hypot(20.0, thermal)));
}

TEST_CASE("noise drawn for every cell has the variance of noise drawn once a row, with and without comparator noise") {
  for (const double comparator_lsb : {0.0, 10.0}) {
    Config config = fine_config();
    config.sensing.circuit.thermal_noise = true;
    config.sensing.circuit.matchline_capacitance_ff = 60.0;
    config.sensing.circuit.comparator_noise_mv = comparator_lsb / 65.536;
    constexpr std::uint32_t searches = 10000;
    const Moments by_row = codes_over_searches(config, 32, searches);
    config.sensing.circuit.noise_per_cell = true;
    const Moments by_cell = codes_over_searches(config, 32, searches);
    const double expected = std::hypot(RandomReadout(config, row_of_64).segment(0).noise, std::sqrt(1.0 / 12.0));
    CHECK(by_row.deviation() == Approx(expected).epsilon(margin(searches)));
    CHECK(by_cell.deviation() == Approx(expected).epsilon(margin(searches)));
    CHECK(by_cell.mean() == Approx(by_row.mean()).margin(5.0 * expected * std::sqrt(2.0 / searches)));
  }
}

TEST_CASE("in the time domain cells that do not match spread the arrival: none when all match, most when none does") {
  Config config = fine_config();
  config.sensing.kind = "time_domain";
  config.sensing.circuit.threshold_mismatch_mv = 0.05 * 600.0 / 1.3;  // of 0.6 V of overdrive, power 1.3
  config.sensing.circuit.element_mismatch = 0.0;
  constexpr std::uint32_t arrays = 4000;
  CHECK(codes_over_arrays(config, 64, 100).deviation() == 0.0);
  for (const std::uint32_t m : {16u, 48u}) {
    const double expected = 65536.0 * 0.05 * std::sqrt(64.0 - m) / 64.0;
    CHECK(codes_over_arrays(config, m, arrays).deviation() == Approx(expected).epsilon(margin(arrays)));
  }
}

TEST_CASE("errors without randomness give the codes of the deterministic converter, but at the edges of a code") {
  Config config;
  config.sensing.circuit.leakage_pa = 300.0;
  config.sensing.circuit.matchline_capacitance_ff = 11.0;
  config.sensing.circuit.settling = true;
  config.sensing.circuit.switch_resistance_kohm = 3.0;
  const RandomReadout readout(config, row_of_64);
  for (std::uint32_t m = 0; m <= 64; ++m) {
    const SegmentReadout& s = readout.segment(0);
    CHECK(s.code(m, 0, readout.row(0, 0, {}, {}), 0.0f) ==
          converter_codes(*make_converter(config.sensing), config, 64)[m]);
  }
}

TEST_CASE("a time-domain converter at another supply gives the codes of the deterministic one") {
  Config config;
  config.sensing.kind = "time_domain";
  for (const double supply_error : {-0.1, 0.07}) {
    config.sensing.circuit.supply_error = supply_error;
    const RandomReadout readout(config, row_of_64);
    const SegmentReadout& s = readout.segment(0);
    for (std::uint32_t m = 0; m <= 64; ++m)
      CHECK(s.code(m, 0, readout.row(0, 0, {}, {}), 0.0f) ==
            converter_codes(*make_converter(config.sensing), config, 64)[m]);
  }
}

TEST_CASE("a time-domain converter of the same transistors follows supply, corner and temperature") {
  Config config;
  config.sensing.kind = "time_domain";
  CircuitParams& circuit = config.sensing.circuit;
  circuit.supply_error = -0.1;
  circuit.corner = Corner::ss;
  circuit.temperature_c = 125.0;
  const auto code = [&] { return converter_codes(*make_converter(config.sensing), config, 64)[32]; };
  CHECK(code() < 20);
  circuit.reference_follows_supply = true;
  CHECK(code() == 32);
}

namespace {

// The deviation of the converter's input from array to array, in LSB of 16 bits, of a row that matches in m cells.
Moments inputs_over_arrays(const Config& config, std::uint32_t m, std::uint32_t arrays) {
  const RandomReadout readout(config, row_of_64);
  Moments inputs;
  for (std::uint32_t array = 0; array < arrays; ++array) {
    const ConverterMismatch converters = readout.converters(0, array, 1);
    inputs.add(readout.segment(0).input(m, 0, readout.row(0, 0, {}, converters), 0.0f) - 65536.0 * m / 64.0 - 0.5);
  }
  return inputs;
}

}  // namespace

TEST_CASE("offset, full scale, bow and injection are drawn with both signs: no mean, the deviation of their key") {
  constexpr std::uint32_t arrays = 4000;
  const auto check = [&](const Config& config, std::uint32_t m, double lsb) {
    const Moments inputs = inputs_over_arrays(config, m, arrays);
    CHECK(inputs.deviation() == Approx(lsb).epsilon(margin(arrays)));
    CHECK(std::abs(inputs.mean()) < 5.0 * lsb / std::sqrt(arrays));
  };
  Config config = fine_config();
  config.sensing.circuit.offset_mv = 3.0;
  check(config, 20, 3.0 * 65.536);
  config = fine_config();
  config.sensing.circuit.reference_error = 0.001;
  check(config, 48, 0.001 * 65536.0 * 48 / 64);
  config = fine_config();
  config.sensing.circuit.inl_lsb = 40.0;
  check(config, 32, 40.0);
  check(config, 16, 40.0 * 0.75);
  config = fine_config();
  config.sensing.circuit.injected_charge_fc = 0.1;
  check(config, 20, 0.1 / 128.0 * 65536.0);
  // Through a sampling capacitor of 32 fF the switch of 1 kOhm, five times as wide as a cell's, adds half of its own.
  config.sensing.circuit.matchline_capacitance_ff = config.sensing.circuit.sampling_capacitance_ff = 32.0;
  const double of_sample = 0.5 * 0.1 / 8.0 * std::sqrt(5.0) / 32.0;
  check(config, 20, std::hypot(0.1 / 160.0, of_sample) * 65536.0 * 160.0 / 128.0);
}

TEST_CASE("a full scale half as large doubles what a millivolt and kT/C cost, and leaves the noise of a gain alone") {
  Config config = fine_config();
  CircuitParams& circuit = config.sensing.circuit;
  circuit.comparator_noise_mv = 1.0;
  const double comparator = RandomReadout(config, row_of_64).segment(0).noise;
  circuit.matchline_capacitance_ff = 128.0;  // as much as the cells
  CHECK(RandomReadout(config, row_of_64).segment(0).noise == Approx(2.0 * comparator));
  circuit.matchline_capacitance_ff = 0.0;
  circuit.supply_v = 0.5;
  CHECK(RandomReadout(config, row_of_64).segment(0).noise == Approx(2.0 * comparator));
  circuit.supply_v = 1.0;
  config.sensing.bits = 14;  // fewer bits, larger LSB: the comparator is no better for it
  CHECK(RandomReadout(config, row_of_64).segment(0).noise == Approx(comparator / 4.0));
  config.sensing.bits = 16;
  circuit.comparator_noise_mv = 0.0;
  circuit.reference_error = 0.01;
  const double gain = inputs_over_arrays(config, 48, 500).deviation();
  circuit.matchline_capacitance_ff = 128.0;
  CHECK(inputs_over_arrays(config, 48, 500).deviation() == Approx(gain).epsilon(1e-4));
}

TEST_CASE("a long matchline spreads rows by which of their cells match, as cells that differ do") {
  Config config = fine_config();
  config.sensing.bits = 10;
  CircuitParams& circuit = config.sensing.circuit;
  circuit.settling = true;
  circuit.switch_resistance_kohm = 0.0;
  circuit.matchline_ohm_per_column = 5000.0;
  REQUIRE(RandomReadout::needed(config));
  const RandomReadout readout(config, row_of_64);
  const CellMismatch cells = readout.cells(0, 0, 1, 64);
  const std::uint64_t query = ~std::uint64_t{0}, near = 0xffffffffu, far = ~std::uint64_t{0} << 32;
  const auto input = [&](std::uint64_t stored) {
    const std::int32_t of_cells = sum_of_matching_cells(cells.row(0), 64, {&query, 1}, {&stored, 1});
    return readout.segment(0).input(static_cast<std::uint32_t>(__builtin_popcountll(stored)), of_cells,
                                    readout.row(0, 0, cells, {}), 0.0f);
  };
  CHECK(input(near) > 512.0 + 20.0);  // the cells beside the converter count more
  CHECK(input(far) < 512.0 - 20.0);
  CHECK(input(near) + input(far) == Approx(1024.0 + 1.0).epsilon(0.01));
  CHECK(input(query) == Approx(1024.5).epsilon(0.01));
}

TEST_CASE("a last segment of fewer columns levels out as a row of its own length does") {
  Config config = fine_config();
  config.sensing.bits = 10;
  CircuitParams& circuit = config.sensing.circuit;
  circuit.settling = true;
  circuit.switch_resistance_kohm = 0.5;
  circuit.matchline_ohm_per_column = 2000.0;
  const RandomReadout readout(config, {80, 64}), narrow(config, {16, 64});
  const CellMismatch cells = readout.cells(0, 0, 2, 64), of_narrow = narrow.cells(0, 0, 2, 64);
  const std::uint64_t query = ~std::uint64_t{0};
  for (const std::uint64_t stored : {0xffu, 0xff00u, 0x1u, 0x8421u, 0xffffu}) {
    const auto m = static_cast<std::uint32_t>(__builtin_popcountll(stored));
    const float last = readout.segment(1).input(
        m, sum_of_matching_cells(cells.row(1, 1), 16, {&query, 1}, {&stored, 1}), readout.row(1, 1, cells, {}), 0.0f);
    const float alone =
        narrow.segment(0).input(m, sum_of_matching_cells(of_narrow.row(1), 16, {&query, 1}, {&stored, 1}),
                                narrow.row(0, 1, of_narrow, {}), 0.0f);
    CAPTURE(stored);
    CHECK(last == Approx(alone).margin(0.02));  // u is finer where the longer row's larger weights need not fit
  }
  // The first 16 cells of a long row level out much later.
  CHECK(std::abs(cells.row(0, 0)[0]) > 4 * std::abs(cells.row(0, 1)[0]));
}

TEST_CASE("cells differ by as much in an array whose matchline is far too late as in one that settles") {
  Config config = fine_config();
  CircuitParams& circuit = config.sensing.circuit;
  circuit.cell_capacitance_ff = 22.0;
  circuit.matching_coefficient = 0.0085;  // 0.18 %
  circuit.switch_resistance_kohm = 1.5;
  constexpr std::uint32_t columns = 1024, arrays = 60;
  config.array.columns = columns;
  const auto deviation = [&] {  // of d_i times u, over arrays
    const RandomReadout readout(config, {columns, columns});
    std::vector<CellMismatch> all;
    for (std::uint32_t array = 0; array < arrays; ++array) all.push_back(readout.cells(0, array, 1, columns));
    double squares = 0.0;
    for (std::uint32_t i = 0; i < columns; ++i) {
      Moments of_cell;
      for (const CellMismatch& cells : all) of_cell.add(cells.row(0)[i]);
      squares += of_cell.deviation() * of_cell.deviation() / columns;
    }
    return readout.segment(0).unit * std::sqrt(squares);
  };
  const double settled = deviation();
  circuit.settling = true;
  circuit.matchline_ohm_per_column = 20.0;  // near cells weigh several times too much
  const RandomReadout late(config, {columns, columns});
  REQUIRE(late.segment(0).unit * late.cells(0, 0, 1, columns).row(0)[0] > 3.0);
  CHECK(deviation() == Approx(settled).epsilon(0.01));
  CHECK(settled == Approx(0.0085 / std::sqrt(22.0)).epsilon(0.05));
}

TEST_CASE(
    "draws belong to what is computed: other arrays, heads, queries, keys and seeds draw anew, the same ones alike") {
  Config config = fine_config();
  config.sensing.circuit.thermal_noise = true;
  config.sensing.circuit.matching_coefficient = 0.01;
  config.seed = 3;
  const RandomReadout readout(config, row_of_64), again(config, row_of_64);
  config.seed = 4;
  const RandomReadout other(config, row_of_64);
  const float z = readout.normal(1, 2, 3, 0);
  CHECK(z == again.normal(1, 2, 3, 0));
  for (const float different : {other.normal(1, 2, 3, 0), readout.normal(2, 2, 3, 0), readout.normal(1, 3, 3, 0),
                                readout.normal(1, 6, 3, 0), readout.normal(1, 2, 4, 0), readout.normal(1, 2, 3, 1)})
    CHECK(z != different);
  const auto first_row = [](const CellMismatch& cells) {
    return std::vector<std::int16_t>(cells.row(0), cells.row(0) + 64);
  };
  const auto cells = first_row(readout.cells(0, 0, 16, 64));
  CHECK(cells == first_row(again.cells(0, 0, 16, 64)));
  CHECK(cells == first_row(readout.cells(0, 0, 4, 64)));  // whatever the other rows
  CHECK(cells != first_row(readout.cells(0, 1, 16, 64)));
  CHECK(cells != first_row(readout.cells(1, 0, 16, 64)));
  CHECK(cells != first_row(other.cells(0, 0, 16, 64)));
}
