// SPDX-License-Identifier: Apache-2.0
#include "kernels/cell_circuit.h"

#include "capcam/error.h"

namespace capcam {

CellShares cell_shares(CellCircuit circuit, double missing, double left) {
  switch (circuit) {
    case CellCircuit::discharge:
      return {(1.0 - missing) * (1.0 - left), (1.0 - missing) * left};
    case CellCircuit::charge:
      return {(1.0 - missing) * (1.0 - left), missing};
    case CellCircuit::coupling:
      return {1.0, -missing};
  }
  throw LawBroken("cell_shares: unknown circuit");
}

SupplyCharge supply_charge(CellCircuit circuit, double supply_v, double used, double capacitor_ff, double parasitic_ff,
                           double matchline_ff) {
  const double node_ff = capacitor_ff + parasitic_ff;
  switch (circuit) {
    case CellCircuit::discharge:
      return {supply_v * node_ff * matchline_ff / (used * node_ff + matchline_ff), supply_v * node_ff, 0.0};
    case CellCircuit::charge:
      return {supply_v * node_ff, 0.0, 0.0};
    case CellCircuit::coupling: {
      const double per_row_ff = used * capacitor_ff + matchline_ff;
      return {supply_v * (capacitor_ff * matchline_ff / per_row_ff + parasitic_ff), 0.0,
              supply_v * capacitor_ff * capacitor_ff / per_row_ff};
    }
  }
  throw LawBroken("supply_charge: unknown circuit");
}

}  // namespace capcam
