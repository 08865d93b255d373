// SPDX-License-Identifier: Apache-2.0
#include "spice/netlist.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "config/conditions.h"
#include "kernels/cell_mismatch.h"
#include "kernels/matchline.h"
#include "kernels/random_readout.h"

namespace capcam {
namespace {

// Phases in ns. A switch settles the largest capacitor in 40 time constants.
constexpr double precharge_ns = 20.0, time_constant_ns = 0.5, gap_ns = 1.0, settling_ns = 20.0, edge_ns = 0.1;

}  // namespace

NetlistRow drawn_row(const Config& config, std::uint32_t core, std::uint32_t array, std::uint32_t row,
                     std::vector<bool> matches) {
  const CircuitParams& circuit = config.sensing.circuit;
  const auto used = static_cast<std::uint32_t>(matches.size());
  NetlistRow drawn{std::move(matches), std::vector<double>(used, circuit.cell_capacitance_ff)};
  const RandomReadout readout(config.sensing, {used, config.array.columns}, config.seed);
  const CellMismatch cells = readout.cells(core, array, config.array.rows, config.array.columns);
  for (std::uint32_t i = 0; readout.cells_differ() && i < used; ++i)
    drawn.capacitance_ff[i] *= 1.0 + mismatch_sigma(circuit) / CellMismatch::steps_per_sigma * cells.row(row)[i];
  return drawn;
}

double expected_voltage(const CircuitParams& circuit, const NetlistRow& row) {
  double matching_ff = 0.0, all_ff = 0.0;
  for (std::size_t i = 0; i < row.matches.size(); ++i) {
    all_ff += row.capacitance_ff[i];
    if (row.matches[i]) matching_ff += row.capacitance_ff[i];
  }
  const double c = circuit.cell_capacitance_ff;
  return matchline_voltage(circuit, static_cast<std::uint32_t>(row.matches.size()), matching_ff / c, all_ff / c);
}

std::string row_netlist(const SensingParams& sensing, const NetlistRow& row) {
  const CircuitParams& c = sensing.circuit;
  const auto used = static_cast<std::uint32_t>(row.matches.size());
  const auto matches = static_cast<std::uint32_t>(std::count(row.matches.begin(), row.matches.end(), true));
  const bool settles = settled_share(c, used) < 1.0;  // else: until nothing is left to settle
  const double inject_ns = c.injected_charge_fc != 0.0 ? 0.1 : 0.0;
  const double share_at = precharge_ns + gap_ns;
  const double hold_at = share_at + (settles ? c.share_ns : settling_ns);  // leakage counts from here
  const double sample_at = hold_at + inject_ns + c.hold_ns;
  std::string text;
  const auto put = [&text](const std::string& written) { text += written + "\n"; };

  put(fmt::format("* One CAM row of {} cells, {} of them matching: precharge, share, hold", used, matches));
  put(fmt::format("* expected by the model: {:.9g} V; full scale {:.9g} V, an LSB of {} bits {:.9g} V",
                  expected_voltage(c, row), full_scale_voltage(c, used), sensing.bits,
                  std::ldexp(full_scale_voltage(c, used), -static_cast<int>(sensing.bits))));
  put(fmt::format(".param supply={:.9g}", actual_supply_v(c)));
  put("");
  put("Vsupply supply 0 DC {supply}");
  put("* precharge: cells to the supply or to ground, the matchline to ground; share: cells to the matchline");
  put(fmt::format("Vprecharge precharge 0 PULSE(1 0 {:g}n {:g}n {:g}n 1 2)", precharge_ns, edge_ns, edge_ns));
  put(fmt::format("Vshare share 0 PULSE(0 1 {:g}n {:g}n {:g}n 1 2)", share_at - 0.5 * edge_ns, edge_ns, edge_ns));
  const double largest_ff =
      std::max(c.matchline_capacitance_ff, *std::max_element(row.capacitance_ff.begin(), row.capacitance_ff.end()));
  // ns / fF = MOhm
  put(fmt::format(".model switch SW(VT=0.5 VH=0 RON={:.4g}meg ROFF=1e15)", time_constant_ns / largest_ff));
  if (settles) put(fmt::format(".model share_switch SW(VT=0.5 VH=0 RON={:.9g}k ROFF=1e15)", actual_resistance_kohm(c)));
  put("Sreset matchline 0 precharge 0 switch");
  if (c.matchline_capacitance_ff > 0.0) put(fmt::format("Cmatchline matchline 0 {:.9g}f", c.matchline_capacitance_ff));
  if (c.injected_charge_fc != 0.0) {
    put(fmt::format("* {:g} fC of charge injection, over {:g} ns", actual_injection_fc(c), inject_ns));
    put(fmt::format("Iinjected 0 matchline PULSE(0 {:.9g}u {:.9g}n 1f 1f {:g}n 1)", actual_injection_fc(c) / inject_ns,
                    hold_at, inject_ns));  // fC / ns = uA
  }
  if (c.leakage_pa > 0.0) {
    put(fmt::format("* leakage of {} cells, {:g} pA each, while the row is held", used, actual_leakage_pa(c)));
    put(fmt::format("Ileakage matchline 0 PULSE(0 {:.9g}p {:.9g}n 1f 1f 1 2)", used * actual_leakage_pa(c),
                    hold_at + inject_ns));
  }
  put("");
  for (std::uint32_t i = 0; i < used; ++i) {
    put(fmt::format("Ccell{0} cell{0} 0 {1:.9g}f", i, row.capacitance_ff[i]));
    put(fmt::format("Sload{0} cell{0} {1} precharge 0 switch", i, row.matches[i] ? "supply" : "0"));
    put(fmt::format("Sshare{0} cell{0} matchline share 0 {1}", i, settles ? "share_switch" : "switch"));
  }
  put("");
  put(".options reltol=1e-6 abstol=1e-18 vntol=1e-9 chgtol=1e-18 gmin=1e-18");
  const char* step = settles ? "2p" : "200p";
  put(fmt::format(".tran {0} {1:.9g}n 0 {0}", step, sample_at + 1.0));
  put(fmt::format(".meas tran v_matchline FIND v(matchline) AT={:.9g}n", sample_at));
  put(".end");
  return text;
}

}  // namespace capcam
