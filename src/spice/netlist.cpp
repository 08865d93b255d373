// SPDX-License-Identifier: Apache-2.0
#include "spice/netlist.h"

#include <fmt/format.h>

#include <algorithm>

#include "kernels/matchline.h"

namespace capcam {
namespace {

// Phases in ns. Switches of 1 kOhm charge a cell of 1 pF in 5 time constants of 1 ns each.
constexpr double precharge_ns = 20.0, gap_ns = 1.0, share_ns = 20.0, inject_ns = 0.1, edge_ns = 0.01;

}  // namespace

std::string row_netlist(const SensingParams& sensing, const std::vector<bool>& cells) {
  const CircuitParams& c = sensing.circuit;
  const auto used = static_cast<std::uint32_t>(cells.size());
  const auto matches = static_cast<std::uint32_t>(std::count(cells.begin(), cells.end(), true));
  const double share_at = precharge_ns + gap_ns;
  const double hold_at = share_at + share_ns;       // the switches are through: leakage counts from here
  const double sample_at = hold_at + inject_ns + c.hold_ns;
  std::string text;
  const auto put = [&text](const std::string& written) { text += written + "\n"; };

  put(fmt::format("* One CAM row of {} cells, {} of them matching: precharge, share, hold", used, matches));
  put(fmt::format("* expected by the model: {:.9g} V, code {} of {} bits", matchline_voltage(c, used, matches),
                  converter_code(c, sensing.bits, used, matches), sensing.bits));
  put(fmt::format(".param supply={:.9g}", c.supply_v * (1.0 + c.supply_error)));
  put(fmt::format(".param cell={:.9g}f", c.cell_capacitance_ff));
  put("");
  put("Vsupply supply 0 DC {supply}");
  put("* precharge: cells to the supply or to ground, the matchline to ground; share: cells to the matchline");
  put(fmt::format("Vprecharge precharge 0 PULSE(1 0 {:g}n {:g}n {:g}n 1 2)", precharge_ns, edge_ns, edge_ns));
  put(fmt::format("Vshare share 0 PULSE(0 1 {:g}n {:g}n {:g}n 1 2)", share_at, edge_ns, edge_ns));
  put(".model switch SW(VT=0.5 VH=0 RON=1k ROFF=1e18)");
  put("Sreset matchline 0 precharge 0 switch");
  if (c.matchline_capacitance_ff > 0.0) put(fmt::format("Cmatchline matchline 0 {:.9g}f", c.matchline_capacitance_ff));
  if (c.injected_charge_fc != 0.0) {
    put(fmt::format("* {:g} fC of charge injection, over {:g} ns", c.injected_charge_fc, inject_ns));
    put(fmt::format("Iinjected 0 matchline PULSE(0 {:.9g}u {:.9g}n 1f 1f {:g}n 1)", c.injected_charge_fc / inject_ns,
                    hold_at, inject_ns));  // fC / ns = uA
  }
  if (c.leakage_pa > 0.0) {
    put(fmt::format("* leakage of {} cells, {:g} pA each, while the row is held", used, c.leakage_pa));
    put(fmt::format("Ileakage matchline 0 PULSE(0 {:.9g}p {:.9g}n 1f 1f 1 2)", used * c.leakage_pa, hold_at + inject_ns));
  }
  put("");
  for (std::uint32_t i = 0; i < used; ++i) {
    put(fmt::format("Ccell{0} cell{0} 0 {{cell}}", i));
    put(fmt::format("Sload{0} cell{0} {1} precharge 0 switch", i, cells[i] ? "supply" : "0"));
    put(fmt::format("Sshare{0} cell{0} matchline share 0 switch", i));
  }
  put("");
  put(".options reltol=1e-6 abstol=1e-18 vntol=1e-9 chgtol=1e-20 gmin=1e-18");
  put(fmt::format(".tran 50p {:.9g}n 0 50p", sample_at + 1.0));
  put(fmt::format(".meas tran v_matchline FIND v(matchline) AT={:.9g}n", sample_at));
  put(".end");
  return text;
}

}  // namespace capcam
