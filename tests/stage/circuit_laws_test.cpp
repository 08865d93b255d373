// SPDX-License-Identifier: Apache-2.0
// What design variables of the circuit cost, by the factor that theory gives, in the codes of both engines. Each case
// is a few runs of 64 rows, in which 16 to 48 of 64 cells match.
#include <cmath>
#include <functional>

#include "support/codes_in_both_engines.h"

using namespace capcam;
using namespace capcam::testing;

namespace {

// Nothing is worked out from cards: 64 cells of 22 fF, no parasitics, no errors, a converter so fine that rounding to
// codes hides little.
Config plain_config(std::uint32_t bits = 12) {
  Config config;
  config.sensing.bits = bits;
  CircuitParams& c = config.sensing.circuit;
  c.cell_parasitic_ff = c.matchline_capacitance_ff = c.sampling_capacitance_ff = 0.0;
  c.matchline_ohm_per_column = c.search_line_ohm_per_row = c.search_line_ff_per_row = 0.0;
  c.element_mismatch = 0.0;
  c.regeneration_ps = 0.0;  // comparators decide at once
  return config;
}

using Change = std::function<void(Config&)>;

double rms_after(Config config, const Change& change, std::uint32_t queries = 1) {
  change(config);
  return rms_error(sensed_by_both_engines(config, queries));
}

double mean_after(Config config, const Change& change) {
  change(config);
  return mean_error(sensed_by_both_engines(config));
}

}  // namespace

TEST_CASE("parasitics cost both engines what they take of full scale, times each error in volts") {
  Config config = plain_config();
  config.sensing.circuit.offset_mismatch_mv = 1.0;  // 4 LSB
  const double before = rms_after(config, [](Config&) {});
  CHECK(before == Approx(1e-3 * 4096.0).epsilon(0.5));  // 16 converters
  const auto with_ff = [&](double ff) {
    return rms_after(config, [&](Config& c) { c.sensing.circuit.matchline_capacitance_ff = ff; });
  };
  CHECK(with_ff(1408.0) == Approx(2.0 * before).epsilon(0.05));
  CHECK(with_ff(4.0 * 1408.0) == Approx(5.0 * before).epsilon(0.05));
  config.sensing.circuit.offset_mismatch_mv = 0.1;
  config.sensing.circuit.matchline_capacitance_ff = 100000.0;  // full scale of 14 mV
  CHECK(rms_after(config, [](Config&) {}) == Approx(0.1 * 101408.0 / 1408.0 * before).epsilon(0.05));
}

TEST_CASE("a quarter of the supply costs both engines four times the error, two bits more four times the codes") {
  Config config = plain_config(10);
  config.sensing.circuit.offset_mismatch_mv = 8.0;
  config.sensing.circuit.threshold_v = 0.1;
  const auto at = [&](double supply_v, std::uint32_t bits) {
    return rms_after(config, [&](Config& c) {
      c.sensing.circuit.supply_v = supply_v;
      c.sensing.bits = bits;
    });
  };
  const double usual = at(1.2, 10);
  CHECK(at(0.3, 10) == Approx(4.0 * usual).epsilon(0.05));
  CHECK(at(1.2, 12) == Approx(4.0 * usual).epsilon(0.05));
}

TEST_CASE("rows leak in both engines for as long as conversions, clock and turns say") {
  Config config = plain_config();
  CircuitParams& circuit = config.sensing.circuit;
  circuit.leakage_pa = 1e4;
  // 10 fC per us of each cell of 22 fF: 0.4545 mV and 1.86 LSB per ns.
  const double lsb_per_ns = 1e-2 / 22.0 * 4096.0;
  const auto droop = [&](const Change& change) { return -mean_after(config, change); };
  CHECK(droop([](Config&) {}) == Approx(2.5 * lsb_per_ns).margin(0.51));
  CHECK(droop([](Config& c) { c.sensing.conversion_cycles = 60; }) == Approx(60.5 * lsb_per_ns).margin(0.51));
  CHECK(droop([](Config& c) { c.clock.frequency_ghz = 0.1; }) == Approx(25.0 * lsb_per_ns).margin(0.51));
  // Sixteen rows of a converter, 0 to 15 conversions of 2 ns before their own.
  CHECK(droop([](Config& c) { c.sensing.rows_per_converter = 16; }) == Approx(17.5 * lsb_per_ns).margin(0.51));
  config.sensing.rows_per_converter = 16;
  for (const SensedRow& row : sensed_by_both_engines(config))
    CHECK(-row.error() == Approx((0.5 + 2.0 * (row.row + 1)) * lsb_per_ns).margin(0.51));
}

TEST_CASE("leakage is subthreshold current in both engines: gone when cold, 114 times as much at 125 degC") {
  Config config = plain_config();
  config.sensing.circuit.leakage_pa = 1e4;  // codes are whole: droops are within half an LSB
  config.sensing.conversion_cycles = 4;
  const auto droop = [&](double degrees, Corner corner) {
    return -mean_after(config, [&](Config& c) {
      c.sensing.circuit.temperature_c = degrees;
      c.sensing.circuit.corner = corner;
    });
  };
  const double lsb = 4.5 * 1e-2 / 22.0 * 4096.0;
  CHECK(droop(25.0, Corner::tt) == Approx(lsb).margin(0.51));
  CHECK(droop(125.0, Corner::tt) == Approx(lsb * 1.7833 * std::exp(10.379 - 6.2178)).epsilon(0.01));
  for (const Corner corner : {Corner::tt, Corner::ff}) {
    CHECK(std::abs(droop(-40.0, corner)) < 0.1);
    CHECK(std::abs(droop(-100.0, corner)) < 0.1);
  }
}

TEST_CASE("a switch of 1 GOhm reads nothing in both engines, with or without parasitics") {
  for (const double line_ff : {0.0, 60.0}) {
    Config config = plain_config();
    CircuitParams& circuit = config.sensing.circuit;
    circuit.settling = true;
    circuit.matchline_capacitance_ff = line_ff;
    circuit.switch_resistance_kohm = 1e6;
    for (const SensedRow& row : sensed_by_both_engines(config)) CHECK(row.code < 3.0);
    circuit.switch_resistance_kohm = 0.01;
    CHECK(rms_error(sensed_by_both_engines(config)) < 0.6);
  }
}

TEST_CASE("cells settle in both engines by exp(-t / R C): twice the clock leaves its square root") {
  Config config = plain_config();
  CircuitParams& circuit = config.sensing.circuit;
  circuit.settling = true;
  circuit.switch_resistance_kohm = 2.5;  // 55 ps
  for (const double ghz : {1.0, 2.0}) {
    config.clock.frequency_ghz = ghz;
    const double left = std::exp(-0.25 / ghz / 0.055);
    for (const SensedRow& row : sensed_by_both_engines(config)) {
      // u is missing of every cell, q = u is kept by those that do not match.
      const double share = row.matches / 64.0, expected = (1.0 - left) * (share * (1.0 - left) + left);
      CHECK(row.code == Approx(4096.0 * expected).margin(0.51));
    }
  }
}

TEST_CASE("rows read by a shared flash level out meanwhile in both engines, and later rows are nearer to ideal") {
  Config config = plain_config();
  config.sensing.kind = "flash";
  config.sensing.rows_per_converter = 8;
  config.sensing.conversion_cycles = 1;
  CircuitParams& circuit = config.sensing.circuit;
  circuit.settling = true;
  circuit.switch_resistance_kohm = 0.1;
  circuit.matchline_ohm_per_column = 100.0;  // the slowest mode takes 0.9 ns
  double of_turn[8] = {};
  for (const SensedRow& row : sensed_by_both_engines(config)) of_turn[row.row % 8] += row.error() * row.error() / 8.0;
  CHECK(std::sqrt(of_turn[0]) > 20.0);
  CHECK(std::sqrt(of_turn[2]) < 0.25 * std::sqrt(of_turn[0]));
  CHECK(std::sqrt(of_turn[7]) < 1.0);
}

TEST_CASE("4096 rows in one cycle are too many for a search line in both engines, 16 are not") {
  Config config = plain_config();
  CircuitParams& circuit = config.sensing.circuit;
  circuit.settling = true;
  circuit.switch_resistance_kohm = 0.1;
  circuit.search_line_ff_per_row = 0.9;
  circuit.search_line_ohm_per_row = 5.0;
  CHECK(rms_error(sensed_by_both_engines(config)) < 0.6);
  // The driver of 0.5 kOhm takes 1.3 ns to raise the line, and its wire 0.8 ns to the 64th row.
  config.array.rows = 4096;
  CHECK(rms_error(sensed_by_both_engines(config)) > 400.0);
  config.array.search_cycles = 16;
  CHECK(rms_error(sensed_by_both_engines(config)) < 0.6);
}

TEST_CASE("kT/C is of what a switch cuts off, in both engines: a quarter of the capacitance is twice the noise") {
  Config config = plain_config();
  CircuitParams& circuit = config.sensing.circuit;
  circuit.thermal_noise = true;
  circuit.temperature_c = 26.85;  // 300 K: 2.035 mV / sqrt(fF)
  circuit.cell_capacitance_ff = 1.0;
  circuit.matchline_capacitance_ff = 16.0;
  // In LSB of 0.8 V / 4096, with what rounding to whole codes adds.
  const auto expected = [](double ff) {
    return std::hypot(2.035e-3 / std::sqrt(ff) * 4096.0 / 0.8, std::sqrt(1.0 / 12.0));
  };
  constexpr std::uint32_t queries = 40;  // 2560 draws: 5 of their standard deviations are 7 %
  CHECK(rms_after(
            config, [](Config&) {}, queries) == Approx(expected(80.0)).epsilon(0.07));
  CHECK(rms_after(
            config, [](Config& c) { c.sensing.circuit.share_switches = ShareSwitches::open; }, queries) ==
        Approx(expected(16.0)).epsilon(0.07));
  CHECK(rms_after(
            config, [](Config& c) { c.sensing.circuit.sampling_capacitance_ff = 4.0; }, queries) ==
        Approx(expected(4.0)).epsilon(0.07));
}

TEST_CASE("no constants of opposite sign cancel in both engines: errors that are drawn add as squares") {
  Config config = plain_config();
  const Change injects = [](Config& c) { c.sensing.circuit.injected_charge_fc = 4.0; };  // 2.8 mV
  const Change reference = [](Config& c) { c.sensing.circuit.reference_error = 0.01; };
  const Change offset = [](Config& c) { c.sensing.circuit.offset_mismatch_mv = 3.0; };
  double one[3] = {}, all = 0.0;
  constexpr std::uint64_t seeds = 12;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    config.seed = seed;
    int i = 0;
    for (const Change& change : {injects, reference, offset})
      one[i++] += std::pow(rms_after(config, change), 2.0) / static_cast<double>(seeds);
    all += std::pow(rms_after(config,
                              [&](Config& c) {
                                injects(c);
                                reference(c);
                                offset(c);
                              }),
                    2.0) /
           static_cast<double>(seeds);
  }
  CHECK(std::sqrt(one[0]) == Approx(4.0 / 1408.0 * 4096.0).epsilon(0.3));  // 192 rows
  CHECK(std::sqrt(one[2]) == Approx(3e-3 * 4096.0).epsilon(0.3));
  CHECK(std::sqrt(all) == Approx(std::sqrt(one[0] + one[1] + one[2])).epsilon(0.15));
  for (const double without : one) CHECK(all > without);
}

TEST_CASE("a capacitor four times as large halves what its mismatch costs in both engines") {
  Config config = plain_config();
  CircuitParams& circuit = config.sensing.circuit;
  circuit.matching_coefficient = 0.1;
  circuit.cell_capacitance_ff = 1.0;
  const double small = rms_error(sensed_by_both_engines(config));
  circuit.cell_capacitance_ff = 4.0;
  CHECK(small / rms_error(sensed_by_both_engines(config)) == Approx(2.0).epsilon(0.03));
  CHECK(small == Approx(0.1 * std::sqrt(15.0) / 64.0 * 4096.0).epsilon(0.3));  // the mean of m (64 - m) / 64 is 15
}
