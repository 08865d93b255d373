// SPDX-License-Identifier: Apache-2.0
#include "kernels/matchline.h"

#include <cmath>

#include "kernels/sensing.h"
#include "support/catch.h"

using namespace capcam;

namespace {

std::uint32_t code_of(const CircuitParams& circuit, std::uint32_t bits, std::uint32_t used, std::uint32_t matches) {
  Config config;
  config.sensing.bits = bits;
  config.sensing.circuit = circuit;
  return converter_codes(*make_converter(config.sensing), config, used)[matches];
}

bool is_ideal(const CircuitParams& circuit) {
  Config config;
  config.sensing.circuit = circuit;
  return matchline_is_ideal(config);
}

RowCircuit row_of(const Config& config, std::uint32_t used) { return {config, *make_converter(config.sensing), used}; }

RowCircuit row_of(const CircuitParams& circuit, std::uint32_t used) {
  Config config;
  config.sensing.circuit = circuit;
  return row_of(config, used);
}

double voltage(const CircuitParams& circuit, std::uint32_t used, std::uint32_t matches) {
  return row_of(circuit, used).voltage(0, matches, used);
}

}  // namespace

TEST_CASE("an ideal row's voltage is the supply times the share of cells that match, whatever the cell circuit") {
  for (const Choice<CellCircuit>& choice : cell_circuits) {
    CircuitParams circuit;
    circuit.cell_circuit = choice.value;
    for (std::uint32_t m = 0; m <= 64; ++m) CHECK(voltage(circuit, 64, m) == Approx(m / 64.0));
  }
}

TEST_CASE("a reference that follows the supply takes its error away") {
  CircuitParams circuit;
  circuit.supply_error = 0.1;
  CHECK(code_of(circuit, 6, 64, 40) == 44);
  circuit.reference_follows_supply = true;
  CHECK(is_ideal(circuit));
  CHECK(code_of(circuit, 6, 64, 40) == 40);
}

TEST_CASE("parasitic capacitance is a gain error of C_p / (d C + C_p), and a calibrated reference takes it away") {
  CircuitParams circuit;
  circuit.cell_capacitance_ff = 2.0;
  circuit.matchline_capacitance_ff = 32.0;  // 128 fF of cells: a fifth
  CHECK(voltage(circuit, 64, 64) == Approx(0.8));
  CHECK(is_ideal(circuit));
  for (std::uint32_t m = 0; m <= 64; ++m) CHECK(code_of(circuit, 6, 64, m) == std::min(m, 63u));
  circuit.reference = Reference::nominal;
  CHECK_FALSE(is_ideal(circuit));
  CHECK(code_of(circuit, 6, 64, 64) == 51);  // 0.8 x 64 = 51.2
  CHECK(code_of(circuit, 6, 64, 40) == 32);
}

TEST_CASE("a cell's own parasitic capacitance shares its charge, but a coupling cell's only loads its plate") {
  CircuitParams circuit;
  circuit.cell_capacitance_ff = 1.0;
  circuit.cell_parasitic_ff = 1.0;
  circuit.matchline_capacitance_ff = 32.0;
  CHECK(voltage(circuit, 64, 64) == Approx(128.0 / 160.0));
  circuit.cell_circuit = CellCircuit::coupling;
  CHECK(voltage(circuit, 64, 64) == Approx(64.0 / 96.0));
}

TEST_CASE("full scale falls with parasitic capacitance: from 1 V to 14 mV at 100 pF on 64 cells of 22 fF") {
  CircuitParams circuit;
  circuit.matchline_capacitance_ff = 1e5;
  CHECK(row_of(circuit, 64).full_scale_v() == Approx(1408.0 / 101408.0));
}

TEST_CASE("leakage takes I t / C from every row, however many cells match, and never goes below ground") {
  CircuitParams circuit;
  circuit.cell_capacitance_ff = 1.0;
  circuit.leakage_pa = 1000.0;
  circuit.hold_ns = 100.0;  // 0.1 fC of 1 fF: 100 mV
  for (std::uint32_t m = 10; m <= 64; ++m) CHECK(voltage(circuit, 64, m) == Approx(m / 64.0 - 0.1));
  CHECK(voltage(circuit, 64, 0) == 0.0);
}

TEST_CASE("open share switches leave the matchline alone to hold: leakage and injection count by C_p alone") {
  CircuitParams circuit;
  circuit.cell_capacitance_ff = 1.0;
  circuit.matchline_capacitance_ff = 16.0;
  circuit.leakage_pa = 1000.0;
  circuit.hold_ns = 10.0;  // 0.01 fC of each of 64 cells; in the search, half a nanosecond, they are joined
  const auto drop = [&] {
    const RowCircuit row = row_of(circuit, 64);
    return 64.0 / 80.0 - row.voltage(0, 64, 64);
  };
  CHECK(drop() == Approx(0.64 / 80.0));
  circuit.share_switches = ShareSwitches::open;
  CHECK(drop() == Approx(0.64 * (0.05 / 80.0 + 0.95 / 16.0)));
  circuit.leakage_pa = 0.0;
  CHECK(row_of(circuit, 64).voltage(0, 32, 64, {.row_fc = 0.8}) == Approx(32.0 / 80.0 + 0.8 / 16.0));
}

TEST_CASE(
    "a sampled row leaks on the row and then, through the sampling switch, on its capacitor, hold_ns given or not") {
  Config config;
  CircuitParams& circuit = config.sensing.circuit;
  circuit.cell_capacitance_ff = 1.0;
  circuit.matchline_capacitance_ff = 16.0;
  circuit.sampling_capacitance_ff = 4.0;
  circuit.leakage_pa = 1000.0;  // two switches of 5 kOhm; that of 1 kOhm is five times as wide as one
  const double row_v = 0.5 * 64e-3 / 80.0, own_v = 2.0 * 0.5 * 5.0 * 1e-3 / 4.0;
  CHECK(64.0 / 80.0 - row_of(config, 64).voltage(0, 64, 64) == Approx(row_v + own_v));
  circuit.hold_ns = 6.5;
  CHECK(64.0 / 80.0 - row_of(config, 64).voltage(0, 64, 64) == Approx(row_v + 3.0 * own_v));
  // In that time the two are off by half of what 6.5 ns make of them.
  CHECK(row_of(config, 64).leaks_after_ns(row_v + 1.5 * own_v) == Approx(0.5 + 3.0));
  CHECK(row_of(config, 64).leaks_after_ns(0.5 * row_v) == Approx(0.25));
  circuit.leakage_pa = 0.0;
  CHECK(std::isinf(row_of(config, 64).leaks_after_ns(1e-3)));
  CHECK(row_of(config, 64).voltage(0, 32, 64, {.row_fc = 0.8, .sample_fc = 0.1}) ==
        Approx(32.0 / 80.0 + 0.8 / 80.0 + 0.1 / 4.0));
}

TEST_CASE("injected charge adds Q / C and never goes beyond the supply") {
  CircuitParams circuit;
  circuit.cell_capacitance_ff = 1.0;
  const RowCircuit row = row_of(circuit, 64);
  CHECK(row.voltage(0, 32, 64, {.row_fc = 3.2}) == Approx(0.55));
  CHECK(row.voltage(0, 32, 64, {.row_fc = -3.2}) == Approx(0.45));
  CHECK(row.voltage(0, 64, 64, {.row_fc = 3.2}) == 1.0);
}

TEST_CASE("rows that share a converter leak while they wait: 16 rows of 2 cycles each hold the last for 30 more") {
  Config config;
  CircuitParams& circuit = config.sensing.circuit;
  circuit.cell_capacitance_ff = 1.0;
  circuit.leakage_pa = 1000.0;  // 1 mV per ns and fF
  config.sensing.rows_per_converter = 16;
  const RowCircuit row = row_of(config, 64);
  CHECK(row.voltage(0, 64, 64) - row.voltage(15, 64, 64) == Approx(15 * 2 * 1e-3));
  CHECK(1.0 - row.voltage(0, 64, 64) == Approx((0.5 + 2.0) * 1e-3));  // half of the search: sharing and sampling
  config.sensing.conversion_cycles = 20;
  CHECK(row_of(config, 64).voltage(0, 64, 64) - row_of(config, 64).voltage(15, 64, 64) == Approx(15 * 20 * 1e-3));
  config.clock.frequency_ghz = 2.0;
  CHECK(row_of(config, 64).voltage(0, 64, 64) - row_of(config, 64).voltage(15, 64, 64) == Approx(15 * 10 * 1e-3));
}

TEST_CASE("a row of a ramp leaks until the ramp has come down to it: to its own, drooped voltage") {
  Config config;
  config.sensing.kind = "ramp";
  CircuitParams& circuit = config.sensing.circuit;
  circuit.cell_capacitance_ff = 1.0;
  circuit.leakage_pa = 1000.0;
  const RowCircuit row = row_of(config, 64);
  // A ramp of 63 steps of 1 ns: code c is decided after 64 - c.
  CHECK(1.0 - row.voltage(0, 64, 64) == Approx((0.5 + 1.0) * 1e-3).epsilon(0.1));
  const double v = row.voltage(0, 32, 64);
  const double held = 0.5 + 1.0 + 62.0 * (1.0 - v);  // between code 63 after 1 step and code 1 after 63
  CHECK(v == Approx(0.5 - held * 1e-3).epsilon(1e-3));
}

TEST_CASE("a supply that is off scales every code") {
  CircuitParams low;
  low.supply_error = -0.25;
  CHECK(code_of(low, 6, 64, 40) == 30);
}

TEST_CASE("kT/C is of what a switch cuts off: the sampling capacitor, the matchline alone, or the joined row") {
  CircuitParams circuit;
  circuit.temperature_c = 26.85;  // 300 K
  circuit.cell_capacitance_ff = 1.0;
  circuit.matchline_capacitance_ff = 36.0;
  constexpr double of_1_ff = 2.035e-3;  // sqrt(kT / 1 fF)
  CHECK(row_of(circuit, 64).thermal_noise_v() == Approx(of_1_ff / 10.0).epsilon(1e-3));
  circuit.share_switches = ShareSwitches::open;
  CHECK(row_of(circuit, 64).thermal_noise_v() == Approx(of_1_ff / 6.0).epsilon(1e-3));
  circuit.sampling_capacitance_ff = 4.0;
  CHECK(row_of(circuit, 64).thermal_noise_v() == Approx(of_1_ff / 2.0).epsilon(1e-3));
  circuit.share_switches = ShareSwitches::closed;
  CHECK(row_of(circuit, 64).thermal_noise_v() == Approx(of_1_ff / 2.0).epsilon(1e-3));
}

TEST_CASE("without errors the codes of any width are those of whole numbers, halves up") {
  for (const std::uint32_t used : {5u, 16u, 100u, 128u, 333u}) {
    for (const std::uint32_t bits : {1u, 4u, 6u, 10u}) {
      for (std::uint32_t m = 0; m <= used; ++m) {
        const std::uint64_t levels = std::uint64_t{1} << bits, rounded = (2 * m * levels + used) / (2 * used);
        CHECK(code_of({}, bits, used, m) == std::min(rounded, levels - 1));
      }
    }
  }
}
