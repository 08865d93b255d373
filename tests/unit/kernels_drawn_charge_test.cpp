// SPDX-License-Identifier: Apache-2.0
#include "kernels/drawn_charge.h"

#include <cmath>

#include "support/catch.h"

using namespace capcam;

namespace {

Config config_of(CellCircuit circuit, double switch_kohm) {
  Config config;
  CircuitParams& c = config.sensing.circuit;
  c.cell_circuit = circuit;
  c.settling = true;
  c.cell_capacitance_ff = 20.0;
  c.cell_parasitic_ff = 0.5;
  c.matchline_capacitance_ff = 60.0;
  c.sampling_capacitance_ff = 20.0;
  c.switch_resistance_kohm = switch_kohm;
  c.sampling_resistance_kohm = switch_kohm / 50.0;
  return config;
}

double settled_fc(const Config& config, double matches) {
  const CircuitParams& c = config.sensing.circuit;
  return supply_charge(c.cell_circuit, 1.0, 64, c.cell_capacitance_ff, *c.cell_parasitic_ff,
                       *c.matchline_capacitance_ff)
      .of_row_fc(64, matches);
}

}  // namespace

TEST_CASE("with time enough searches draw what conservation of charge says, at every match count and cell circuit") {
  for (const Choice<CellCircuit>& circuit : cell_circuits) {
    const Config config = config_of(circuit.value, 0.1);  // 2 ps
    const DrawnCharge drawn(config, 64);
    for (const double m : {0.0, 1.0, 20.0, 50.0, 64.0}) {
      CAPTURE(circuit.name, m);
      CHECK(drawn.steady_fc(m) == Approx(settled_fc(config, m)).margin(1e-6).epsilon(1e-6));
      CHECK(drawn.after_fc(m, 2) == Approx(settled_fc(config, m)).margin(1e-6).epsilon(1e-6));
      CHECK(supply_charge(config, 64).of_row_fc(64, m) == Approx(settled_fc(config, m)).margin(1e-4).epsilon(1e-4));
    }
  }
}

TEST_CASE("a switch of 1 GOhm draws next to nothing") {
  for (const Choice<CellCircuit>& circuit : cell_circuits) {
    const Config config = config_of(circuit.value, 1e6);
    const SupplyCharge charge = supply_charge(config, 64);
    CAPTURE(circuit.name);
    CHECK(charge.of_row_fc(64, 32.0) >= 0.0);
    CHECK(charge.of_row_fc(64, 32.0) < 1e-3 * settled_fc(config, 32.0));
  }
}

TEST_CASE("many searches draw what endless ones do, whatever the switches") {
  for (const Choice<CellCircuit>& circuit : cell_circuits) {
    for (const double kohm : {1.5, 6.0, 40.0}) {
      const DrawnCharge drawn(config_of(circuit.value, kohm), 64);
      for (const double m : {5.0, 32.0, 60.0}) {
        CAPTURE(circuit.name, kohm, m);
        CHECK(drawn.after_fc(m, 3000) == Approx(drawn.steady_fc(m)).epsilon(1e-6));
      }
    }
  }
}

TEST_CASE("cells of a late discharge keep a part of their charge, and are charged anew by as much less") {
  // Nothing but evaluation is late: what a cell that does not match keeps, q, it need not draw.
  Config config = config_of(CellCircuit::discharge, 1.0);
  CircuitParams& c = config.sensing.circuit;
  c.cell_parasitic_ff = c.matchline_capacitance_ff = c.sampling_capacitance_ff = 0.0;
  c.precharge_part = c.sharing_part = 0.4;
  c.evaluation_part = 0.02;  // one time constant of 20 fF through 1 kOhm
  const double kept = std::exp(-1.0);
  CHECK(DrawnCharge(config, 64).steady_fc(32.0) == Approx(32.0 * 20.0 * (1.0 - kept)).epsilon(1e-4));
  CHECK(supply_charge(config, 64).of_row_fc(64, 32.0) == Approx(32.0 * 20.0 * (1.0 - kept)).epsilon(1e-4));
}

TEST_CASE("the price of a row is that of its charge where half of its cells match, and near it about there") {
  for (const Choice<CellCircuit>& circuit : cell_circuits) {
    for (const double kohm : {1.5, 6.0, 15.0}) {
      const Config config = config_of(circuit.value, kohm);
      const DrawnCharge drawn(config, 64);
      for (const double m : {26.0, 32.0, 38.0}) {
        CAPTURE(circuit.name, kohm, m);
        CHECK(supply_charge(config, 64).of_row_fc(64, m) ==
              Approx(drawn.steady_fc(m)).epsilon(m == 32.0 ? 1e-6 : 0.01));
      }
    }
  }
}
