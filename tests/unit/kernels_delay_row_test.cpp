// SPDX-License-Identifier: Apache-2.0
#include "kernels/delay_row.h"

#include <cmath>

#include "config/check.h"
#include "kernels/circuit_figures.h"
#include "kernels/matchline.h"
#include "kernels/random_readout.h"
#include "support/catch.h"
#include "support/config_files.h"

using namespace capcam;

namespace {

// 64 cells of 15 ps, each passed in 10 ps more: 1.6 ns in all.
Config time_domain() {
  Config config;
  config.sensing.kind = "time_domain";
  config.sensing.circuit.cell_parasitic_ff = 0.8;
  return config;
}

// Returns the deviation of the input over many arrays or searches, in LSB, of a row that matches in its first m cells.
double deviation_lsb(const Config& config, std::uint32_t m, bool of_arrays) {
  constexpr std::uint32_t draws = 4000;
  const RandomReadout readout(config, {64, 64});
  const std::uint64_t query = ~std::uint64_t{0}, stored = m == 64 ? query : (std::uint64_t{1} << m) - 1;
  double sum = 0.0, squares = 0.0;
  for (std::uint32_t i = 0; i < draws; ++i) {
    const CellMismatch cells = readout.cells(0, of_arrays ? i : 0, 1, 64);
    const std::int32_t matching = sum_of_matching_cells(cells.row(0), 64, {&query, 1}, {&stored, 1});
    const RowReadout row = readout.row(0, 0, cells, readout.converters(0, of_arrays ? i : 0, 1));
    const double input = readout.segment(0).input(m, matching, row, of_arrays ? 0.0f : readout.normal(0, i, 5, 0));
    sum += input;
    squares += input * input;
  }
  return std::sqrt(squares / draws - sum / draws * (sum / draws));
}
constexpr double within = 5.0 / 89.4;  // 5 standard deviations of a deviation's estimate from 4000 draws

double error_lsb(const Config& config, const std::string& name) {
  const CircuitFigures figures = *circuit_figures(config);
  for (const CircuitFigures::Error& error : figures.errors)
    if (error.name == name) return error.rms_lsb;
  return 0.0;
}

}  // namespace

TEST_CASE("an edge passes every cell and is delayed by those that do not match: the LSB in picoseconds follows") {
  Config config = time_domain();
  const DelayRow row(config, 64);
  CHECK(row.full_scale_ps() == Approx(64 * 15.0));
  CHECK(row.longest_ps() == Approx(64 * 25.0));
  CHECK(row.parasitic_share() == Approx(0.8 / 1.2));
  CHECK(row.relative() == 1.0);
  CHECK(row.input(48) == Approx(0.75));
  const CircuitFigures figures = *circuit_figures(config);
  CHECK(figures.unit == "ps");
  CHECK(figures.lsb == Approx(15.0));
  REQUIRE(figures.phases.size() == 2);
  CHECK(figures.phases[0].name == "edge");
  CHECK(figures.phases[0].needed_ns == Approx(1.6));
  CHECK(figures.phases[0].available_ns == Approx(0.75));  // a cycle less its reset
  // 0.7 V: 0.7 (0.6 / 0.3)^1.3 times as long, and so is an LSB.
  config.sensing.circuit.supply_v = 0.7;
  CHECK(circuit_figures(config)->lsb == Approx(15.0 * 0.7 * std::pow(2.0, 1.3)));
  CHECK(circuit_figures(config)->phases[0].needed_ns == Approx(1.6 * 0.7 * std::pow(2.0, 1.3)));
}

TEST_CASE(
    "a converter that is locked to a clock reads slower cells as fewer matches, one of the same transistors not") {
  Config config = time_domain();
  config.sensing.circuit.supply_error = -0.1;
  const double slower = 0.9 * std::pow(0.6 / 0.5, 1.3);
  CHECK(DelayRow(config, 64).relative() == Approx(slower));
  CHECK(DelayRow(config, 64).full_scale_ps() == Approx(64 * 15.0));
  CHECK(DelayRow(config, 64).input(48) == Approx(1.0 - 0.25 * slower));
  config.sensing.circuit.reference_follows_supply = true;
  CHECK(DelayRow(config, 64).input(48) == 0.75);
  CHECK(DelayRow(config, 64).full_scale_ps() == Approx(64 * 15.0 * slower));
}

TEST_CASE("late edges read alike: the least input is what arrives when the search ends, in codes and in draws") {
  Config config = time_domain();
  CHECK(DelayRow(config, 64).least_input() == 0.0);  // without settling there is time enough
  CHECK(matchline_is_ideal(config));
  config.sensing.circuit.settling = true;
  config.array.search_cycles = 2;  // 1.5 ns after the reset: 0.1 ns less than a row needs that matches nowhere
  const DelayRow late(config, 64);
  CHECK(late.least_input() == Approx(0.1 / 0.96));
  CHECK(late.input(0) == late.least_input());
  CHECK(late.input(32) == 0.5);
  CHECK_FALSE(matchline_is_ideal(config));
  const auto codes = converter_codes(*make_converter(config.sensing), config, 64);
  const RandomReadout readout(config, {64, 64});
  for (std::uint32_t m = 0; m <= 64; ++m) {
    CHECK(codes[m] == std::min(std::max(m, 7u), 63u));  // 6.67
    CHECK(readout.segment(0).code(m, 0, readout.row(0, 0, {}, {}), 0.0f) == codes[m]);
  }
  // (6.67 - m)^2 over m = 0 .. 6, of 65 match counts.
  double squares = 0.0;
  for (int m = 0; m < 7; ++m) squares += std::pow(64.0 * 0.1 / 0.96 - m, 2.0);
  CHECK(error_lsb(config, "late edges") == Approx(std::sqrt(squares / 65.0)).epsilon(1e-3));
  config.array.search_cycles = 3;
  CHECK(matchline_is_ideal(config));
  config.sensing.circuit.supply_v = 0.7;  // 1.72 times as slow: 2.76 ns of 2.25
  CHECK_FALSE(matchline_is_ideal(config));
  config.sensing.circuit.supply_v = 1.0;
  config.clock.frequency_ghz = 10.0;  // no edge arrives at all, and all rows read as if they matched
  CHECK(converter_codes(*make_converter(config.sensing), config, 64)[0] == 63);
}

TEST_CASE("parasitic capacitance is not free: it takes time and spreads rows, those that match everywhere too") {
  Config config = time_domain();
  CircuitParams& circuit = config.sensing.circuit;
  circuit.threshold_mismatch_mv = 0.02 * 600.0 / 1.3;  // 2 % of a delay
  circuit.element_mismatch = 0.0;
  const auto expected = [&](double m, double r) {
    return 0.02 * std::sqrt((64.0 - m) * (1.0 + r) * (1.0 + r) + m * r * r);  // an LSB is a cell's delay
  };
  for (const double parasitic_ff : {0.0, 0.8, 6.0}) {
    circuit.cell_parasitic_ff = parasitic_ff;
    for (const std::uint32_t m : {8u, 32u, 56u})
      CHECK(deviation_lsb(config, m, true) == Approx(expected(m, parasitic_ff / 1.2)).epsilon(within));
    // Half of the rows that match everywhere are late; the others are early and read as full scale.
    CHECK((deviation_lsb(config, 64, true) > 0.0) == (parasitic_ff > 0.0));
    CHECK(error_lsb(config, "delay variation") == Approx(expected(32, parasitic_ff / 1.2)));
    CHECK(DelayRow(config, 64).longest_ps() == Approx(64 * (15.0 + 12.5 * parasitic_ff)));
  }
}

TEST_CASE("a load's own mismatch adds to its transistor's, as squares, and a larger load has less") {
  Config config = time_domain();
  CircuitParams& circuit = config.sensing.circuit;
  circuit.element_mismatch = 0.0;
  circuit.matching_coefficient = 0.05;
  CHECK(deviation_lsb(config, 64, true) == Approx(0.0).margin(1e-6));  // no load is joined
  CHECK(deviation_lsb(config, 15, true) == Approx(7.0 * 0.05 / std::sqrt(1.2)).epsilon(within));
  circuit.delay_capacitance_ff = 4.8;
  CHECK(deviation_lsb(config, 15, true) == Approx(7.0 * 0.05 / std::sqrt(4.8)).epsilon(within));
  circuit.threshold_mismatch_mv = 0.03 * 600.0 / 1.3;
  circuit.cell_parasitic_ff = 0.0;
  CHECK(deviation_lsb(config, 15, true) == Approx(7.0 * std::hypot(0.03, 0.05 / std::sqrt(4.8))).epsilon(within));
}

TEST_CASE("a low supply spreads delays: by the overdrive") {
  Config config = time_domain();
  config.sensing.circuit.threshold_mismatch_mv = 12.0;
  config.sensing.circuit.element_mismatch = 0.0;
  const double before = deviation_lsb(config, 16, true);
  config.sensing.circuit.supply_v = 0.7;
  CHECK(deviation_lsb(config, 16, true) == Approx(2.0 * before).epsilon(1e-3));  // the same draws
}

TEST_CASE("jitter adds up along what the edges have passed: cells, the row that starts, the converter's elements") {
  Config config = time_domain();
  CircuitParams& circuit = config.sensing.circuit;
  circuit.thermal_noise = true;
  circuit.temperature_c = 26.85;
  circuit.drive_current_ua = 4.0;  // weak, to see it
  // By hand at 300 K: kT C (1 + 4/3 / 0.6) / I^2 of 0.8 and 1.2 fF, in LSB of 150 ps.
  const auto square = [](double ff) {
    return 1.380649e-23 * 300 * ff * 1e-15 * (1 + 4.0 / 3.0 / 0.6011) / 16e-12 / 2.25e-20;
  };
  for (const std::uint32_t m : {0u, 40u, 64u}) {
    const double expected = std::sqrt(2.0 * 64 * square(0.8) + 2.0 * (64 - m) * square(1.2));
    CHECK(deviation_lsb(config, m, false) == Approx(expected).epsilon(within));
    CHECK(RandomReadout(config, {64, 64}).segment(0).deviation(m) == Approx(expected).epsilon(0.01));
  }
  const double by_row = deviation_lsb(config, 16, false);
  circuit.noise_per_cell = true;
  CHECK(deviation_lsb(config, 16, false) == Approx(by_row).epsilon(1.5 * within));
  // Four times the bits: elements a quarter as long, the same picoseconds, four times the LSB.
  circuit.noise_per_cell = false;
  config.sensing.bits = 8;
  CHECK(RandomReadout(config, {64, 64}).segment(0).deviation(16) == Approx(4.0 * by_row).epsilon(within));
}

TEST_CASE("more bits want shorter elements than the technology makes: refused, unless cells are as much slower") {
  const testing::ConfigFiles files;
  Config config = time_domain();
  CHECK(relation_problems(config).empty());
  config.sensing.bits = 7;  // 64 cells of 15 ps, 128 elements of 7.5 ps
  const auto problems = relation_problems(config);
  REQUIRE(problems.size() == 1);
  CHECK_THAT(problems[0].text, ContainsSubstring("elements of 7.5 ps"));
  CHECK_THAT(problems[0].text, ContainsSubstring("set bits to 6, or delay_capacitance_ff (1.2) to 1.6"));
  config.sensing.circuit.delay_capacitance_ff = 1.61;
  CHECK(relation_problems(config).empty());
  config.sensing.kind = "sar";
  config.sensing.circuit.delay_capacitance_ff = 0.1;
  CHECK(relation_problems(config).empty());
}
