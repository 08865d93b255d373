// SPDX-License-Identifier: Apache-2.0
#include "kernels/phases.h"

#include <cmath>
#include <utility>
#include <vector>

#include "support/catch.h"

using namespace capcam;

namespace {

Config settling_config() {
  Config config;
  config.sensing.circuit.settling = true;
  config.sensing.circuit.cell_capacitance_ff = 2.0;
  config.sensing.circuit.matchline_capacitance_ff = 40.0;
  config.sensing.circuit.switch_resistance_kohm = 20.0;
  return config;
}

}  // namespace

TEST_CASE("phases are parts of the search: cycles over the clock") {
  Config config;
  config.array.search_cycles = 3;
  config.clock.frequency_ghz = 0.5;
  config.sensing.circuit.precharge_part = 0.1;
  config.sensing.circuit.evaluation_part = 0.2;
  config.sensing.circuit.sharing_part = 0.3;
  const PhaseTimes time = phase_times(config);
  CHECK(time.precharge_ns == Approx(0.6));
  CHECK(time.evaluation_ns == Approx(1.2));
  CHECK(time.sharing_ns == Approx(1.8));
  CHECK(time.sampling_ns == Approx(2.4));
}

TEST_CASE("a cell settles through its switch with R C") {
  const Config config = settling_config();
  CHECK(time_constants(config).precharge_ns == Approx(0.040));  // 20 kOhm x 2 fF
  CHECK(time_constants(config).evaluation_ns == Approx(0.040));
  const Unsettled of_cell = unsettled(config, 0);
  CHECK(of_cell.missing == Approx(std::exp(-0.25 / 0.040)));
  CHECK(of_cell.left == of_cell.missing);
}

TEST_CASE("a switch of 1 GOhm settles nothing, with or without parasitic capacitance; settling off settles all") {
  Config config = settling_config();
  config.sensing.circuit.switch_resistance_kohm = 1e6;
  for (const double line_ff : {0.0, 40.0}) {
    config.sensing.circuit.matchline_capacitance_ff = line_ff;
    CHECK(unsettled(config, 0).missing > 0.8);
    CHECK(unsettled(config, 0).left > 0.8);
  }
  config.sensing.circuit.settling = false;
  CHECK(unsettled(config, 0).missing == 0.0);
  CHECK(unsettled(config, 0).left == 0.0);
}

TEST_CASE("cells are pulled up by p-channel transistors and down by n-channel ones, and joined by both") {
  // 0.6 V of overdrive, 60 mV more or less: 1 / 0.9 and 1 / 1.1 of the resistance.
  const auto with = [](CellCircuit circuit, Corner corner) {
    Config config = settling_config();
    config.sensing.circuit.cell_circuit = circuit;
    config.sensing.circuit.corner = corner;
    config.sensing.circuit.corner_threshold_mv = 60.0;
    return config;
  };
  const auto expect = [&](CellCircuit circuit, Corner corner, double precharge, double evaluation, double sharing) {
    const Config config = with(circuit, corner);
    CAPTURE(static_cast<int>(circuit), static_cast<int>(corner));
    CHECK(time_constants(config).precharge_ns == Approx(0.040 / precharge));
    CHECK(time_constants(config).evaluation_ns == Approx(0.040 / evaluation));
    CHECK(row_network(config, 64).switch_kohm == Approx(20.0 / sharing));
  };
  expect(CellCircuit::discharge, Corner::sf, 1.1, 0.9, 1.0);
  expect(CellCircuit::discharge, Corner::fs, 0.9, 1.1, 1.0);
  expect(CellCircuit::charge, Corner::sf, 0.9, 1.1, 1.0);
  expect(CellCircuit::charge, Corner::fs, 1.1, 0.9, 1.0);
  expect(CellCircuit::coupling, Corner::fs, 1.0, 1.0, 1.0);
  for (const Choice<CellCircuit>& circuit : cell_circuits) {
    expect(circuit.value, Corner::ss, 0.9, 0.9, 0.9);
    expect(circuit.value, Corner::ff, 1.1, 1.1, 1.1);
  }
}

TEST_CASE("twice the clock leaves the square root of what a phase leaves undone undone") {
  Config config = settling_config();
  const double once = unsettled(config, 0).missing;
  config.clock.frequency_ghz = 2.0;
  CHECK(unsettled(config, 0).missing == Approx(std::sqrt(once)));
}

TEST_CASE("a search line rises later at far rows, and the delay of its wire grows with the square of the rows") {
  Config config;
  config.sensing.circuit.search_line_ff_per_row = 1.0;
  config.sensing.circuit.search_line_ohm_per_row = 10.0;
  config.sensing.circuit.driver_resistance_kohm = 0.0;
  config.array.rows = 100;
  const double far_100 = search_line_delay_ns(config, 99);
  CHECK(far_100 == Approx(std::log(2.0) * 10.0 * 1.0 * 100.0 * 101.0 / 2.0 * 1e-6));
  CHECK(search_line_delay_ns(config, 0) == Approx(std::log(2.0) * 10.0 * 100.0 * 1e-6));
  config.array.rows = 4096;
  CHECK(search_line_delay_ns(config, 4095) / far_100 == Approx(40.96 * 40.96).epsilon(0.02));
  config.sensing.circuit.driver_resistance_kohm = 1.0;
  config.sensing.circuit.search_line_ohm_per_row = 0.0;
  CHECK(search_line_delay_ns(config, 7) == Approx(std::log(2.0) * 4096.0 * 1e-3));
}

namespace {

// The time until the last of the nodes of a search line has risen to a half, by implicit steps (Thomas).
double last_row_rises_ns(std::size_t rows, double driver_kohm, double ohm, double ff) {
  const double line = 1e3 / ohm, driver = 1.0 / driver_kohm, step_ps = 0.05;
  std::vector<double> volts(rows, 0.0), upper(rows), right(rows);
  for (double time_ps = step_ps;; time_ps += step_ps) {
    for (std::size_t i = 0; i < rows; ++i) {
      const double before = i > 0 ? line : driver, after = i + 1 < rows ? line : 0.0, hold = ff / step_ps;
      const double pivot = before + after + hold - (i > 0 ? before * upper[i - 1] : 0.0);
      upper[i] = after / pivot;
      right[i] = (hold * volts[i] + before * (i > 0 ? right[i - 1] : 1.0)) / pivot;
    }
    for (std::size_t i = rows; i-- > 0;) volts[i] = right[i] + (i + 1 < rows ? upper[i] * volts[i + 1] : 0.0);
    if (volts.back() >= 0.5) return 1e-3 * time_ps;
  }
}

}  // namespace

TEST_CASE("the last row's search line rises when a ladder followed in time says so, within 10 %") {
  Config config;
  config.array.rows = 64;
  CircuitParams& circuit = config.sensing.circuit;
  circuit.search_line_ff_per_row = 2.0;
  for (const auto& [driver_kohm, ohm] : {std::pair{1.0, 1.0}, std::pair{0.5, 20.0}, std::pair{0.01, 50.0}}) {
    circuit.driver_resistance_kohm = driver_kohm;
    circuit.search_line_ohm_per_row = ohm;
    CAPTURE(driver_kohm, ohm);
    CHECK(search_line_delay_ns(config, 63) == Approx(last_row_rises_ns(64, driver_kohm, ohm, 2.0)).epsilon(0.1));
  }
}
