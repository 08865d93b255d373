// SPDX-License-Identifier: Apache-2.0
#include "kernels/phases.h"

#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

#include "kernels/matchline_ladder.h"
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

TEST_CASE("a cell settles through its switch with R C, a row into its matchline with R C C_p / (d C + C_p)") {
  Config config = settling_config();
  const TimeConstants tau = time_constants(config, 64);
  CHECK(tau.cell_ns == Approx(0.040));  // 20 kOhm x 2 fF
  CHECK(tau.sharing_ns == Approx(20.0 * 2.0 * 40.0 / 168.0 * 1e-3));
  CHECK(tau.sampling_ns == 0.0);
  config.sensing.circuit.sampling_capacitance_ff = 40.0;  // all of C_p
  CHECK(time_constants(config, 64).sharing_ns == 0.0);
  CHECK(time_constants(config, 64).sampling_ns == Approx((1.0 + 20.0 / 64.0) * 40.0 * 128.0 / 168.0 * 1e-3));
  const Settled s = settled(settling_config(), 64, 0);
  CHECK(s.missing == Approx(std::exp(-0.25 / 0.040)));
  CHECK(s.left == s.missing);
}

TEST_CASE("cells, matchline and sampling capacitor fill each other as three capacitors do, followed in small steps") {
  Config config = settling_config();
  CircuitParams& circuit = config.sensing.circuit;
  circuit.sampling_capacitance_ff = 15.0;
  circuit.sampling_resistance_kohm = 6.0;
  for (const double switch_kohm : {5.0, 60.0, 500.0}) {
    circuit.switch_resistance_kohm = switch_kohm;
    const double row_kohm = switch_kohm / 16.0, cells = 32.0, wire = 25.0, sample = 15.0;
    double v_cells = 1.0, v_wire = 0.0, v_sample = 0.0;
    constexpr int steps = 200000;
    constexpr double step_ps = 500.0 / steps;
    for (int i = 0; i < steps; ++i) {
      const double shared = (v_cells - v_wire) / row_kohm * step_ps;
      const double sampled = i < steps / 2 ? 0.0 : (v_wire - v_sample) / 6.0 * step_ps;
      v_cells -= shared / cells;
      v_wire += (shared - sampled) / wire;
      v_sample += sampled / sample;
    }
    CHECK(settled(config, 16, 0).sampled == Approx(v_sample / (cells / 72.0)).epsilon(1e-4));
  }
}

TEST_CASE("a switch of 1 GOhm settles nothing, with or without parasitic capacitance; settling off settles all") {
  Config config = settling_config();
  config.sensing.circuit.switch_resistance_kohm = 1e6;
  for (const double line_ff : {0.0, 40.0}) {
    config.sensing.circuit.matchline_capacitance_ff = line_ff;
    CHECK(settled(config, 64, 0).missing > 0.8);
    CHECK(settled(config, 64, 0).left > 0.8);
  }
  config.sensing.circuit.settling = false;
  CHECK(settled(config, 64, 0).missing == 0.0);
  CHECK(settled(config, 64, 0).sampled == 1.0);
}

TEST_CASE("twice the clock leaves the square root of what a phase leaves undone undone") {
  Config config = settling_config();
  const double once = settled(config, 64, 0).missing;
  config.clock.frequency_ghz = 2.0;
  CHECK(settled(config, 64, 0).missing == Approx(std::sqrt(once)));
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

namespace {

// Voltages of a ladder's nodes by many small steps: cell i, of 1 fF, hangs on node i by a switch, and nodes have no
// capacitance. Solves the nodes' balance of currents at every step (Thomas).
std::vector<double> ladder_after(std::vector<double> cells, double ohm, double switch_kohm, double time_ns) {
  const std::size_t n = cells.size();
  const double line = 1e3 / ohm, cell = 1.0 / switch_kohm;  // 1 / kOhm
  std::vector<double> node(n);
  constexpr int steps = 20000;
  for (int step = 0; step < steps; ++step) {
    std::vector<double> upper(n), right(n);
    for (std::size_t i = 0; i < n; ++i) {
      const double before = i > 0 ? line : 0.0, after = i + 1 < n ? line : 0.0;
      const double pivot = before + after + cell - before * (i > 0 ? upper[i - 1] : 0.0);
      upper[i] = after / pivot;
      right[i] = (cell * cells[i] + before * (i > 0 ? right[i - 1] : 0.0)) / pivot;
    }
    for (std::size_t i = n; i-- > 0;) node[i] = right[i] + (i + 1 < n ? upper[i] * node[i + 1] : 0.0);
    for (std::size_t i = 0; i < n; ++i) cells[i] += (node[i] - cells[i]) * cell * time_ns * 1e3 / steps;
  }
  return node;
}

}  // namespace

TEST_CASE("a matchline's weights are those of a ladder that is followed in time, whichever cells match") {
  Config config;
  config.array.columns = 24;
  CircuitParams& circuit = config.sensing.circuit;
  circuit.settling = true;
  circuit.cell_capacitance_ff = 1.0;
  circuit.switch_resistance_kohm = 20.0;
  circuit.matchline_ohm_per_column = 5000.0;
  for (const double frequency_ghz : {0.3, 0.5, 2.0}) {
    config.clock.frequency_ghz = frequency_ghz;
    const std::vector<double> weights = ladder_weights(config, config.array.columns);
    REQUIRE(weights.size() == 24);
    const double time_ns = 0.5 / frequency_ghz;  // sharing and sampling: half of the search
    for (const std::uint32_t pattern : {0xfffu, 0xfff000u, 0x5a3c96u}) {
      std::vector<double> cells(24);
      double expected = 0.0;
      for (std::uint32_t i = 0; i < 24; ++i) {
        cells[i] = pattern >> i & 1 ? 1.0 : 0.0;
        expected += cells[i] * (1.0 + weights[i]) / 24.0;
      }
      CAPTURE(frequency_ghz, pattern);
      CHECK(ladder_after(cells, 5000.0, 20.0, time_ns)[0] == Approx(expected).margin(2e-4));
    }
  }
}

TEST_CASE("a short matchline of small resistance has no weights worth a code") {
  Config config;
  config.sensing.circuit.settling = true;
  config.sensing.circuit.matchline_ohm_per_column = 1.0;
  config.sensing.circuit.cell_capacitance_ff = 2.0;
  CHECK(ladder_weights(config, config.array.columns).empty());
  config.array.columns = 2048;
  CHECK(ladder_weights(config, config.array.columns).size() == 2048);
}

TEST_CASE("a matchline that levels out has no gain error, however few of the array's columns a head uses") {
  Config config;
  config.sensing.circuit.settling = true;
  config.sensing.circuit.matchline_ohm_per_column = 50.0;
  for (const std::uint32_t used : {16u, 32u, 48u, 64u}) {
    const std::vector<double> weights = ladder_weights(config, used);
    REQUIRE(weights.size() == used);
    CHECK(std::accumulate(weights.begin(), weights.end(), 0.0) == Approx(0.0).margin(1e-9 * used));
    CHECK(weights.front() > 1e-3);
  }
}

TEST_CASE("coupling cells level out from evaluation on, however evaluation and sharing divide their time") {
  Config config;
  CircuitParams& circuit = config.sensing.circuit;
  circuit.settling = true;
  circuit.matchline_ohm_per_column = 50.0;
  circuit.cell_circuit = CellCircuit::coupling;
  const std::vector<double> weights = ladder_weights(config, 64);
  circuit.evaluation_part = 0.1;
  circuit.sharing_part = 0.4;
  const std::vector<double> other = ladder_weights(config, 64);
  REQUIRE(other.size() == weights.size());
  for (std::size_t i = 0; i < weights.size(); ++i) CHECK(other[i] == Approx(weights[i]).margin(1e-12));
}
