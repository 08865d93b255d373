// The charge that searches of a row draw from the supply, by what settles in their phases. Where everything does, it is
// that of kernels/cell_circuit.h. Otherwise (sensing.settling) a cell is charged from what it has left of the search
// before, for as long as the phase is. With u and q of kernels/cell_circuit.h, V_i the voltage of a cell before:
//
//   discharge  precharge   V_i' = V_s - u (V_s - V_i): draws C' (V_i' - V_i) per cell; then q V_i' of a cell that does
//                          not match
//   charge     evaluation  a cell that matches rises from u V_i: draws C' (1 - q) (V_s - u V_i)
//   both       sharing     the mean of the cells falls by what matchline and sampling capacitor take
//                          (kernels/row_network.h), and what they differ by to exp(-t / R C') of it
//   coupling   evaluation  a plate that matches rises from u V_i while the row shares: draws what its capacitors take;
//                          the mean of the plates by kernels/row_network.h, differences by exp(-t / R (C + C_x))
//
// Cells are alike, and the wire of the matchline makes no difference between them here.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "capcam/config.h"
#include "kernels/cell_circuit.h"

namespace capcam {

class DrawnCharge {
 public:
  // A row of an array, of `used` columns.
  DrawnCharge(const Config& config, std::uint32_t used, std::uint32_t row = 0);

  // Returns the charge in fC that the last of `searches` equal ones draws, the first from the state in which everything
  // has the whole way to make: cells at ground (discharge) or at the supply (charge; plates of coupling cells).
  double after_fc(double matches, std::uint32_t searches) const;
  // Returns the charge of each of endless equal searches.
  double steady_fc(double matches) const;

 private:
  // Voltages of the cells that match and of the others.
  struct State {
    double matching = 0.0, others = 0.0;
  };
  // Returns the charge that a search draws, and leaves the state in which it leaves the row.
  double search(double matches, State& state) const;

  bool couples_, discharges_;
  double supply_v_, used_, cell_ff_, plate_ff_;
  double missing_, left_;
  double mean_kept_ = 1.0;        // of the mean of the cells; of coupling cells, of the charge of the plates' step
  double difference_kept_ = 1.0;  // of what cells differ by
};

// Returns the charges of a row's cells for its price. Where phases are too short, charge is no such sum: this is its
// tangent where half of the cells match (where random bits do), of coupling cells its parabola.
SupplyCharge supply_charge(const Config& config, std::uint32_t used);

}  // namespace capcam
