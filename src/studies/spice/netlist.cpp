// SPDX-License-Identifier: Apache-2.0
#include "studies/spice/netlist.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "config/conditions.h"
#include "kernels/cell_mismatch.h"
#include "kernels/matchline.h"
#include "kernels/random_readout.h"

namespace capcam {
namespace {

// Times that the model does not have: there, everything but share_ns and hold_ns takes no time, and no charge leaks
// meanwhile. A switch without a resistance of its own settles the largest capacitor in 20 time constants.
constexpr double precharge_ns = 20.0, settling_ns = 20.0, time_constant_ns = 1.0, gap_ns = 1.0, injection_ns = 1.0;
// The length of an edge as a part of its phase, and the longest edge. A switch opens somewhere in its edge, which ends
// the sharing; the charge of a current does not depend on its edges.
constexpr double share_edge_part = 1e-4, current_edge_part = 1e-2, longest_edge_ns = 0.1;
// The least number of steps (the simulator adds steps where a voltage bends) and the longest step. The shortest step is
// a part of the longest, and it has to find the moment at which a switch opens.
constexpr double steps = 200.0, longest_step_ns = 1e4, longest_step_edges = 1e6;

double share_edge_ns(const CircuitParams& c) { return std::min(share_edge_part * c.share_ns, longest_edge_ns); }
double current_edge_ns(double phase_ns) { return std::min(current_edge_part * phase_ns, longest_edge_ns); }

double sum_ff(const NetlistRow& row) {
  return std::accumulate(row.capacitance_ff.begin(), row.capacitance_ff.end(), 0.0);
}

// The beginning of each phase and its effect on the matchline.
struct Plan {
  // True if the share switches have a resistance and open after share_ns; otherwise they stay closed.
  bool settles;
  double injection_fc, leakage_na;                 // injected and leaking charge of the whole row
  double on_matchline;                             // the share of both that the matchline gets
  double share_at, inject_at, leak_at, sample_at;  // ns
};

Plan plan_of(const CircuitParams& c, const NetlistRow& row) {
  const auto used = static_cast<std::uint32_t>(row.matches.size());
  Plan plan{};
  plan.settles = settled_share(c, used) < 1.0;
  plan.injection_fc = actual_injection_fc(c);
  plan.leakage_na = c.hold_ns > 0.0 ? used * actual_leakage_pa(c) * 1e-3 : 0.0;
  plan.on_matchline = plan.settles ? c.matchline_capacitance_ff / (sum_ff(row) + c.matchline_capacitance_ff) : 1.0;
  plan.share_at = precharge_ns + gap_ns;
  plan.inject_at = plan.share_at + (plan.settles ? c.share_ns : settling_ns) + gap_ns;
  plan.leak_at = plan.inject_at + (plan.injection_fc != 0.0 ? injection_ns + gap_ns : 0.0);
  plan.sample_at = plan.leak_at + c.hold_ns + settling_ns;
  return plan;
}

// A source that is on for `phase_ns`, from the middle of its first edge to the middle of its last, so that its charge
// is `level` times `phase_ns` whatever the edges.
std::string pulse(double at_ns, double phase_ns, double edge_ns, double level, const char* unit) {
  const double end_ns = at_ns + phase_ns;
  return fmt::format("PWL(0 0 {:.15g}n 0 {:.15g}n {:.9g}{} {:.15g}n {:.9g}{} {:.15g}n 0)", at_ns, at_ns + edge_ns,
                     level, unit, end_ns, level, unit, end_ns + edge_ns);
}

class Writer {
 public:
  Writer(const SensingParams& sensing, const NetlistRow& row)
      : sensing_(sensing), circuit_(sensing.circuit), row_(row), plan_(plan_of(sensing.circuit, row)) {}

  std::string text() && {
    header();
    switches();
    charges();
    cells();
    analysis();
    return std::move(text_);
  }

 private:
  template <typename... Args>
  void put(fmt::format_string<Args...> format, Args&&... args) {
    text_ += fmt::format(format, std::forward<Args>(args)...) + "\n";
  }

  std::size_t used() const { return row_.matches.size(); }

  void header() {
    const double full_scale_v = full_scale_voltage(circuit_, static_cast<std::uint32_t>(used()));
    put("* One CAM row of {} cells, {} of them matching: precharge, share, hold", used(),
        std::count(row_.matches.begin(), row_.matches.end(), true));
    put("* expected by the model: v_sampled = {:.9g} V; full scale {:.9g} V, an LSB of {} bits {:.9g} V",
        expected_voltage(circuit_, row_), full_scale_v, sensing_.bits,
        std::ldexp(full_scale_v, -static_cast<int>(sensing_.bits)));
    put(".param supply={:.9g}", actual_supply_v(circuit_));
    put("");
    put("Vsupply supply 0 DC {{supply}}");
  }

  void switches() {
    const double largest_ff = std::max(circuit_.matchline_capacitance_ff, std::ranges::max(row_.capacitance_ff));
    put("* precharge: cells to the supply or to ground, the matchline to ground");
    put("Vprecharge precharge 0 PWL(0 1 {:g}n 1 {:g}n 0)", precharge_ns, precharge_ns + longest_edge_ns);
    put(".model switch SW(VT=0.5 VH=0 RON={:.4g}meg ROFF=1e18)", time_constant_ns / largest_ff);  // ns / fF = MOhm
    if (!plan_.settles) {
      put("* share: cells to the matchline, until it is sampled");
      put("Vshare share 0 PWL(0 0 {:g}n 0 {:g}n 1)", plan_.share_at, plan_.share_at + longest_edge_ns);
    } else {
      put("* share: cells to the matchline, for {:g} ns", circuit_.share_ns);
      put("Vshare share 0 {}", circuit_.share_ns > 0.0
                                   ? pulse(plan_.share_at, circuit_.share_ns, share_edge_ns(circuit_), 1.0, "")
                                   : "DC 0");
      put(".model share_switch SW(VT=0.5 VH=0 RON={:.9g}k ROFF=1e18)", actual_resistance_kohm(circuit_));
    }
    put("Sreset matchline 0 precharge 0 switch");
    if (circuit_.matchline_capacitance_ff > 0.0)
      put("Cmatchline matchline 0 {:.9g}f", circuit_.matchline_capacitance_ff);
  }

  // Sources of the charge that comes and goes once cells and matchline are joined.
  void charges() {
    if (plan_.settles && (plan_.injection_fc != 0.0 || plan_.leakage_na > 0.0)) {
      put("* injection and leakage: of the row in the model; the matchline, cut off from its cells, gets its part of "
          "the");
      put("* row's capacitance, {:.9g} of them, so that its voltage changes as that of the row joined",
          plan_.on_matchline);
    }
    if (plan_.injection_fc != 0.0) {
      put("* {:g} fC of charge injection, over {:g} ns", plan_.injection_fc, injection_ns);
      put("Iinjected 0 matchline {}", pulse(plan_.inject_at, injection_ns, current_edge_ns(injection_ns),
                                            plan_.on_matchline * plan_.injection_fc / injection_ns, "u"));  // fC / ns
    }
    if (plan_.leakage_na > 0.0) {
      put("* leakage of {} cells, {:g} pA each, while the row is held for {:g} ns", used(), actual_leakage_pa(circuit_),
          circuit_.hold_ns);
      put("Ileakage matchline 0 {}", pulse(plan_.leak_at, circuit_.hold_ns, current_edge_ns(circuit_.hold_ns),
                                           plan_.on_matchline * plan_.leakage_na, "n"));
    }
    put("* what can be sampled: these sources are ideal and could drive the matchline beyond ground or the supply");
    put("Bsampled sampled 0 V=min(max(v(matchline), 0), v(supply))");
  }

  void cells() {
    put("");
    for (std::size_t i = 0; i < used(); ++i) {
      put("Ccell{0} cell{0} 0 {1:.9g}f", i, row_.capacitance_ff[i]);
      put("Sload{0} cell{0} {1} precharge 0 switch", i, row_.matches[i] ? "supply" : "0");
      put("Sshare{0} cell{0} matchline share 0 {1}", i, plan_.settles ? "share_switch" : "switch");
    }
    put("");
  }

  void analysis() {
    const double edge = plan_.settles && circuit_.share_ns > 0.0 ? share_edge_ns(circuit_) : longest_edge_ns;
    const double step = std::min({plan_.sample_at / steps, longest_step_edges * edge, longest_step_ns});
    put(".options reltol=1e-6 trtol=1 abstol=1e-18 vntol=1e-9 chgtol=1e-18 gmin=1e-18");
    put(".tran {0:.4g}n {1:.15g}n 0 {0:.4g}n", step, plan_.sample_at + gap_ns);
    put(".meas tran v_matchline FIND v(matchline) AT={:.15g}n", plan_.sample_at);
    put(".meas tran v_sampled FIND v(sampled) AT={:.15g}n", plan_.sample_at);
    put(".end");
  }

  const SensingParams& sensing_;
  const CircuitParams& circuit_;
  const NetlistRow& row_;
  const Plan plan_;
  std::string text_;
};

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

std::string row_netlist(const SensingParams& sensing, const NetlistRow& row) { return Writer(sensing, row).text(); }

}  // namespace capcam
