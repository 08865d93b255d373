// SPDX-License-Identifier: Apache-2.0
#include "kernels/row_readings.h"

#include <cmath>
#include <numeric>

#include "capcam/converter.h"
#include "kernels/matchline.h"
#include "kernels/phases.h"
#include "support/catch.h"

using namespace capcam;

namespace {

// One search cycle of 1 ns: sharing and sampling take a quarter of a nanosecond each.
Config late_config() {
  Config config;
  config.sensing.circuit.settling = true;
  config.sensing.circuit.cell_capacitance_ff = 2.0;
  config.sensing.circuit.matchline_capacitance_ff = 40.0;
  config.sensing.circuit.switch_resistance_kohm = 20.0;
  return config;
}

RowReadings readings_of(const Config& config, std::uint32_t used) {
  return {config, hold_times(config, *make_converter(config.sensing)), used};
}

double largest(const RowReading& reading) {
  double largest = 0.0;
  for (const double weight : reading.weights) largest = std::max(largest, std::abs(weight));
  return largest;
}

// A reading at the first row's time alone: a sampling capacitor, so small that it takes no charge.
Config sampled(Config config, double ff = 1e-6) {
  config.sensing.circuit.sampling_capacitance_ff = ff;
  return config;
}

}  // namespace

TEST_CASE("cells, matchline and sampling capacitor fill each other as three capacitors do, followed in small steps") {
  Config config = sampled(late_config(), 15.0);
  CircuitParams& circuit = config.sensing.circuit;
  circuit.sampling_resistance_kohm = 6.0;
  for (const double switch_kohm : {5.0, 60.0, 500.0}) {
    circuit.switch_resistance_kohm = switch_kohm;
    const double row_kohm = switch_kohm / 16.0, cells = 32.0, wire = 25.0, sample = 15.0;
    double v_cells = 1.0, v_wire = 0.0, v_sample = 0.0;
    constexpr int steps = 200000;
    constexpr double step_ps = 500.0 / steps;
    for (int i = 0; i < steps; ++i) {
      const double shared = (v_cells - v_wire) / row_kohm * step_ps;
      const double taken = i < steps / 2 ? 0.0 : (v_wire - v_sample) / 6.0 * step_ps;
      v_cells -= shared / cells;
      v_wire += (shared - taken) / wire;
      v_sample += taken / sample;
    }
    CHECK(readings_of(config, 16).row(0).gain == Approx(v_sample / (cells / 72.0)).epsilon(1e-4));
  }
}

TEST_CASE("settling off reads every row as settled") {
  Config config = late_config();
  config.sensing.circuit.settling = false;
  config.sensing.circuit.matchline_ohm_per_column = 1e5;
  CHECK(readings_of(config, 64).row(5).gain == 1.0);
  CHECK(readings_of(config, 64).row(5).weights.empty());
}

TEST_CASE("a short matchline of small resistance has no weights worth a code, a long one has") {
  Config config = sampled(late_config());
  config.sensing.circuit.switch_resistance_kohm = 5.0;
  config.sensing.circuit.matchline_ohm_per_column = 1.0;
  CHECK(readings_of(config, 64).row(0).weights.empty());
  CHECK(readings_of(config, 2048).row(0).weights.size() == 2048);
}

TEST_CASE("weights have no mean, and a sampling capacitor as large as the row makes near cells weigh more") {
  Config config = sampled(late_config());
  CircuitParams& circuit = config.sensing.circuit;
  circuit.switch_resistance_kohm = 1.5;
  circuit.cell_capacitance_ff = 22.0;
  circuit.matchline_ohm_per_column = 2.0;
  circuit.sampling_resistance_kohm = 0.2;
  circuit.matchline_capacitance_ff = 50.0;
  for (const std::uint32_t used : {16u, 32u, 64u}) {
    const RowReading reading = readings_of(config, used).row(0);
    CHECK(std::accumulate(reading.weights.begin(), reading.weights.end(), 0.0) == Approx(0.0).margin(1e-9 * used));
  }
  const double small = largest(readings_of(config, 64).row(0));
  circuit.matchline_capacitance_ff = 50.0 + 1408.0;
  circuit.sampling_capacitance_ff = 1408.0;
  const RowReading large = readings_of(config, 64).row(0);
  CHECK(largest(large) > 2.0 * small);
  CHECK(large.weights.front() > 0.0);
  CHECK(large.weights.back() < 0.0);
  CHECK(large.gain < 0.99);  // the far cells have not refilled what it took
}

TEST_CASE("a row that waits for its converter goes on levelling out, and a sampled one does not after its sampling") {
  Config config = late_config();
  CircuitParams& circuit = config.sensing.circuit;
  circuit.switch_resistance_kohm = 1.0;
  circuit.cell_capacitance_ff = 22.0;
  circuit.matchline_ohm_per_column = 150.0;
  config.sensing.rows_per_converter = 4;  // of a SAR that reads the matchline itself
  config.sensing.conversion_cycles = 1;
  // The slowest mode decays with tau = r C / (4 sin^2(pi / 128)) + R C between turns of 1 ns.
  const double sine = std::sin(3.14159265358979 / 128.0), tau_ns = 1e-6 * 150.0 * 22.0 / (4.0 * sine * sine) + 0.022;
  const RowReadings waiting = readings_of(config, 64);
  for (std::uint32_t turn = 0; turn < 3; ++turn) {
    CAPTURE(turn);
    CHECK(largest(waiting.row(turn + 1)) / largest(waiting.row(turn)) == Approx(std::exp(-1.0 / tau_ns)).epsilon(0.03));
  }
  CHECK(&waiting.row(1) == &waiting.row(5));  // the second row of the next converter
  config.sensing.conversion_cycles = 60;
  CHECK(largest(readings_of(config, 64).row(0)) < 0.05 * largest(waiting.row(0)));

  config.sensing.conversion_cycles = 2;
  const Config sar = sampled(config, 30.0);
  const double first = largest(readings_of(sar, 64).row(0)), later = largest(readings_of(sar, 64).row(1));
  CHECK(first > 1.2 * later);  // it has waited, joined, before it was sampled
  Config slow = sar;
  slow.sensing.conversion_cycles = 200;
  CHECK(largest(readings_of(slow, 64).row(0)) == Approx(first));
}

TEST_CASE("a later row of a shared converter is sampled in half of its conversion at most, as long as the first else") {
  Config config = sampled(late_config(), 30.0);
  config.sensing.rows_per_converter = 2;
  config.sensing.conversion_cycles = 2;
  const auto later_ns = [&] { return hold_times(config, *make_converter(config.sensing)).later_sampling_ns; };
  CHECK(later_ns() == Approx(0.25));
  config.array.search_cycles = 8;  // 2 ns of sampling, 2 ns of conversion
  CHECK(later_ns() == Approx(1.0));
  config.array.search_cycles = 1;
  config.sensing.circuit.sampling_resistance_kohm = 50.0;  // 1.1 ns
  config.sensing.circuit.switch_resistance_kohm = 0.1;
  const RowReadings readings = readings_of(config, 64);
  CHECK(readings.row(0).gain < 0.9);
  CHECK(readings.row(1).gain == Approx(readings.row(0).gain).epsilon(0.01));
  config.sensing.conversion_cycles = 16;  // as much time: the rule has no more of it than the search
  CHECK(readings_of(config, 64).row(1).gain == Approx(readings.row(1).gain).epsilon(1e-6));
}

TEST_CASE("a matchline that is cut off levels out alone, much sooner than with its cells") {
  Config config = late_config();
  CircuitParams& circuit = config.sensing.circuit;
  circuit.cell_capacitance_ff = 22.0;
  circuit.switch_resistance_kohm = 1.0;
  circuit.matchline_ohm_per_column = 150.0;
  config.sensing.conversion_cycles = 1;
  CHECK(largest(readings_of(config, 64).row(0)) > 0.5);
  circuit.share_switches = ShareSwitches::open;
  CHECK(largest(readings_of(config, 64).row(0)) < 1e-3);
}

TEST_CASE("coupling cells level out from evaluation on, however evaluation and sharing divide their time") {
  Config config = sampled(late_config());
  CircuitParams& circuit = config.sensing.circuit;
  circuit.cell_capacitance_ff = 22.0;
  circuit.switch_resistance_kohm = 5.0;
  circuit.matchline_ohm_per_column = 50.0;
  circuit.cell_circuit = CellCircuit::coupling;
  const RowReading one = readings_of(config, 64).row(0);
  circuit.evaluation_part = 0.1;
  circuit.sharing_part = 0.4;
  const RowReading other = readings_of(config, 64).row(0);
  REQUIRE(other.weights.size() == 64);
  CHECK(other.gain == Approx(one.gain).epsilon(1e-9));
  for (std::size_t i = 0; i < 64; ++i) CHECK(other.weights[i] == Approx(one.weights[i]).margin(1e-9));
}

TEST_CASE("coupling cells of far rows begin later and have less of their voltage") {
  Config config = late_config();
  CircuitParams& circuit = config.sensing.circuit;
  circuit.cell_circuit = CellCircuit::coupling;
  circuit.search_line_ohm_per_row = 10.0;  // 0.1 and 0.14 ns
  circuit.search_line_ff_per_row = 1.0;
  circuit.switch_resistance_kohm = 400.0;
  config.array.rows = 200;
  const RowReadings readings = readings_of(sampled(config), 64);
  CHECK(readings.row(0).gain > readings.row(100).gain);
  CHECK(readings.row(100).gain > readings.row(199).gain);
}
