// SPDX-License-Identifier: Apache-2.0
#include "kernels/cell_circuit.h"

#include <vector>

#include "support/catch.h"

using namespace capcam;

namespace {

// A search of one row by conservation of charge, capacitor by capacitor; returns what the supply gives in fC.
struct Row {
  double supply_v, cell_ff, parasitic_ff, line_ff;
  std::uint32_t used, matches;

  double node_ff() const { return cell_ff + parasitic_ff; }
  double shared_v(const std::vector<double>& cells_v) const {
    double charge = 0.0;
    for (const double v : cells_v) charge += v * node_ff();
    return charge / (used * node_ff() + line_ff);
  }
  double discharge() const {
    double before_v = 0.0, drawn = 0.0;
    for (int search = 0; search < 2; ++search) {
      drawn = 0.0;
      std::vector<double> cells(used, before_v);
      for (double& v : cells) {
        drawn += node_ff() * (supply_v - v);
        v = supply_v;
      }
      for (std::uint32_t i = matches; i < used; ++i) cells[i] = 0.0;
      before_v = shared_v(cells);
    }
    return drawn;
  }
  double coupling() const {
    const double line_v = supply_v * matches * cell_ff / (used * cell_ff + line_ff);
    return matches * (cell_ff * (supply_v - line_v) + parasitic_ff * supply_v);
  }
};

}  // namespace

TEST_CASE("the supply charge of a search is what its capacitors take, whatever matches and whatever is parasitic") {
  for (const double line_ff : {0.0, 20.0, 3000.0}) {
    for (const double parasitic_ff : {0.0, 0.4}) {
      for (std::uint32_t m = 0; m <= 16; ++m) {
        const Row row{0.9, 2.0, parasitic_ff, line_ff, 16, m};
        const auto charge = [&](CellCircuit circuit) {
          return supply_charge(circuit, 0.9, 16, 2.0, parasitic_ff, line_ff).of_row_fc(16, m);
        };
        CAPTURE(line_ff, parasitic_ff, m);
        CHECK(charge(CellCircuit::discharge) == Approx(row.discharge()).margin(1e-12));
        CHECK(charge(CellCircuit::charge) == Approx(m * (2.0 + parasitic_ff) * 0.9).margin(1e-12));
        CHECK(charge(CellCircuit::coupling) == Approx(row.coupling()).margin(1e-12));
      }
    }
  }
}

TEST_CASE("the published cell takes (d - m) C V: nothing when all match, all of it when none does") {
  const SupplyCharge charge = supply_charge(CellCircuit::discharge, 1.0, 64, 22.0, 0.0, 0.0);
  CHECK(charge.of_row_fc(64, 64) == 0.0);
  CHECK(charge.of_row_fc(64, 0) == Approx(64 * 22.0));
  CHECK(charge.of_row_fc(64, 16) == Approx(48 * 22.0));
}

TEST_CASE("coupling cells take m (d - m) / d C V: most when half match, a quarter of d C V") {
  const SupplyCharge charge = supply_charge(CellCircuit::coupling, 1.0, 64, 22.0, 0.0, 0.0);
  CHECK(charge.of_row_fc(64, 32) == Approx(64 * 22.0 / 4.0));
  CHECK(charge.of_row_fc(64, 64) == Approx(0.0).margin(1e-12));
}

TEST_CASE("a cell that had no time to be emptied counts as a part of one that matches, in the row's charge") {
  const CellShares discharge = cell_shares(CellCircuit::discharge, 0.1, 0.2);
  CHECK(discharge.matching + discharge.all == Approx(0.9));  // a cell that matches has what the precharge gave
  CHECK(discharge.all == Approx(0.9 * 0.2));                 // one that does not kept a fifth of it
  const CellShares charge = cell_shares(CellCircuit::charge, 0.1, 0.2);
  CHECK(charge.matching + charge.all == Approx(1.0 - 0.9 * 0.2));  // from 0.1 up, 0.2 of the way missing
  CHECK(charge.all == Approx(0.1));
  // A plate that comes down by its last tenth pulls the line down with it; one that rises makes nine tenths of the way.
  const CellShares coupling = cell_shares(CellCircuit::coupling, 0.1, 0.2);
  CHECK(coupling.all == Approx(-0.1));
  CHECK(coupling.matching + coupling.all == Approx(0.9));
}
