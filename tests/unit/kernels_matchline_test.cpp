// SPDX-License-Identifier: Apache-2.0
#include "kernels/matchline.h"

#include <cmath>

#include "kernels/sensing.h"
#include "support/catch.h"

using namespace capcam;

namespace {

std::uint32_t code_of(const CircuitParams& circuit, std::uint32_t bits, std::uint32_t used, std::uint32_t matches) {
  SensingParams sensing;
  sensing.bits = bits;
  sensing.circuit = circuit;
  return converter_codes(*make_converter(sensing), sensing, used)[matches];
}

bool is_ideal(const CircuitParams& circuit) {
  SensingParams sensing;
  sensing.circuit = circuit;
  return matchline_is_ideal(sensing);
}

}  // namespace

TEST_CASE("an ideal row's voltage is the supply times the share of cells that match") {
  const CircuitParams circuit;
  for (std::uint32_t m = 0; m <= 64; ++m) CHECK(matchline_voltage(circuit, 64, m) == Approx(m / 64.0));
}

TEST_CASE("a reference that follows the supply takes its error away") {
  CircuitParams circuit;
  circuit.supply_error = 0.1;
  CHECK(code_of(circuit, 6, 64, 40) == 44);
  circuit.reference_follows_supply = true;
  CHECK(is_ideal(circuit));
  CHECK(code_of(circuit, 6, 64, 40) == 40);
}

TEST_CASE("a matchline that settles for one time constant reaches 1 - 1/e of its voltage") {
  CircuitParams circuit;
  circuit.cell_capacitance_ff = 1.0;
  circuit.matchline_capacitance_ff = 64.0;  // as much as 64 cells
  circuit.switch_resistance_kohm = 1000.0;  // 1 MOhm and half a fF: 0.5 ns
  circuit.share_ns = 0.5;
  CHECK(settled_share(circuit, 64) == Approx(1.0 - std::exp(-1.0)));
  CHECK(matchline_voltage(circuit, 64, 64) == Approx(0.5 * (1.0 - std::exp(-1.0))));
  circuit.matchline_capacitance_ff = 0.0;
  CHECK(settled_share(circuit, 64) == 1.0);
}

TEST_CASE("parasitic capacitance is a gain error of C_p / (d C + C_p), and a calibrated reference takes it away") {
  CircuitParams circuit;
  circuit.cell_capacitance_ff = 2.0;
  circuit.matchline_capacitance_ff = 32.0;  // 128 fF of cells: a fifth
  CHECK(matchline_voltage(circuit, 64, 64) == Approx(0.8));
  CHECK(is_ideal(circuit));
  for (std::uint32_t m = 0; m <= 64; ++m) CHECK(code_of(circuit, 6, 64, m) == std::min(m, 63u));
  circuit.reference = Reference::nominal;
  CHECK_FALSE(is_ideal(circuit));
  CHECK(code_of(circuit, 6, 64, 64) == 51);  // 0.8 x 64 = 51.2
  CHECK(code_of(circuit, 6, 64, 40) == 32);
}

TEST_CASE("leakage takes I t / C from every row, however many cells match, and never goes below ground") {
  CircuitParams circuit;
  circuit.cell_capacitance_ff = 1.0;
  circuit.leakage_pa = 1000.0;
  circuit.hold_ns = 100.0;  // 0.1 fC of 1 fF: 100 mV
  for (std::uint32_t m = 10; m <= 64; ++m) CHECK(matchline_voltage(circuit, 64, m) == Approx(m / 64.0 - 0.1));
  CHECK(matchline_voltage(circuit, 64, 0) == 0.0);
}

TEST_CASE("injected charge adds Q / C and never goes beyond the supply") {
  CircuitParams circuit;
  circuit.cell_capacitance_ff = 1.0;
  circuit.injected_charge_fc = 3.2;  // of 64 fF: 50 mV
  CHECK(matchline_voltage(circuit, 64, 32) == Approx(0.55));
  CHECK(matchline_voltage(circuit, 64, 64) == 1.0);
}

TEST_CASE("a supply or a reference that is off scales every code") {
  CircuitParams low;
  low.supply_error = -0.25;
  CHECK(code_of(low, 6, 64, 40) == 30);
  CircuitParams high;
  high.reference_error = 0.25;
  CHECK(code_of(high, 6, 64, 40) == 32);
}

TEST_CASE("offset shifts codes, non-linearity bends them at half scale, and codes stay in range") {
  CircuitParams offset;
  offset.offset_lsb = 2.0;
  CHECK(code_of(offset, 6, 64, 10) == 12);
  CHECK(code_of(offset, 6, 64, 64) == 63);
  offset.offset_lsb = -2.0;
  CHECK(code_of(offset, 6, 64, 1) == 0);
  CircuitParams bow;
  bow.inl_lsb = 3.0;
  CHECK(code_of(bow, 6, 64, 0) == 0);
  CHECK(code_of(bow, 6, 64, 32) == 35);
  CHECK(code_of(bow, 6, 64, 8) == 8 + 1);  // 3 x 4 x (1/8)(7/8) = 1.3
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
