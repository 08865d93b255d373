// SPDX-License-Identifier: Apache-2.0
#include "studies/spice/netlist.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "config/conditions.h"
#include "kernels/matchline.h"
#include "kernels/phases.h"
#include "kernels/row_readings.h"

namespace capcam {
namespace {

// Times that the model does not have: of a phase that settles (20 time constants), between phases, of the injection.
constexpr std::uint32_t searches = 2;
constexpr double settling_ns = 20.0, time_constant_ns = 1.0, gap_ns = 1.0, injection_ns = 1.0;
// The time from one search that settles to the next, as a part of the precharge: no switch opens as another closes.
constexpr double between_searches = 1e-3;
// The length of an edge as a part of its phase, and the longest edge.
constexpr double edge_part = 1e-4, longest_edge_ns = 0.05;
// The least number of steps of the whole and of its shortest phase; the simulator adds steps where a voltage bends.
constexpr double steps = 400.0, steps_of_phase = 160.0, steps_of_settling = 200.0;

struct Span {
  double from_ns = 0.0, to_ns = 0.0;
};

// When each phase of one search begins and ends. Leakage acts while the row is joined as in the search, then while it
// waits, then during its own conversion.
struct Plan {
  Span precharge, evaluation, sharing, sampling, joined, injection, waiting, own;
  Span on_sample;        // while the sampling switch is closed
  double read_ns = 0.0;  // when the converter is done with the row
  double end_ns = 0.0;
};

class Writer {
 public:
  Writer(const Config& config, const NetlistRow& row)
      : config_(config),
        circuit_(config.sensing.circuit),
        row_(row),
        used_(static_cast<std::uint32_t>(row.matches.size())),
        converter_(make_converter(config.sensing)),
        model_(config, *converter_, used_),
        couples_(circuit_.cell_circuit == CellCircuit::coupling) {
    plan();
  }

  std::string text() && {
    header();
    controls();
    line();
    cells();
    charges();
    analysis();
    return std::move(text_);
  }

 private:
  template <typename... Args>
  void put(fmt::format_string<Args...> format, Args&&... args) {
    text_ += fmt::format(format, std::forward<Args>(args)...) + "\n";
  }

  bool settles() const { return circuit_.settling; }
  bool ladder() const { return settles() && circuit_.matchline_ohm_per_column.value_or(0.0) > 0.0 && used_ > 1; }
  bool opens() const { return waits_cut_off(circuit_); }
  // Returns the time in the conversion of the row that leakage acts on.
  double own_ns() const {
    const Hold& hold = model_.hold();
    const double decided = expected_voltage(config_, row_) / model_.full_scale_v();
    return hold.own_zero_of(turn()) + (hold.own_full_of(turn()) - hold.own_zero_of(turn())) * decided;
  }
  std::uint32_t turn() const { return row_.row % model_.hold().turns; }
  double wire_ff() const { return model_.line_ff() - model_.sampling_ff(); }

  void plan() {
    if (settles()) {
      plan_in_time();
    } else {
      plan_at_leisure();
    }
  }

  // Phases take their time, one search follows the other, and what leakage and injection add is superposed.
  void plan_in_time() {
    const PhaseTimes time = phase_times(config_);
    double at = 0.0;
    const auto next = [&](double length_ns) {
      const Span span{at, at + length_ns};
      at += length_ns;
      return span;
    };
    plan_.precharge = next(time.precharge_ns);
    plan_.evaluation = next(time.evaluation_ns);
    plan_.sharing = next(time.sharing_ns);
    plan_.sampling = next(time.sampling_ns);
    const Hold& hold = model_.hold();
    if (hold.sampled && turn() > 0) {
      at += turn() * hold.turn_ns;
      plan_.on_sample = next(hold.later_sampling_ns);
    } else if (hold.sampled) {
      plan_.on_sample = plan_.sampling;
    } else {
      at = std::max(at, plan_.sharing.from_ns + hold.row_ns(turn()) + own_ns());
    }
    plan_.read_ns = at;
    plan_.end_ns = at + between_searches * time.precharge_ns;
    plan_.joined = plan_.injection = plan_.waiting = plan_.own = {0.2 * at, 0.8 * at};
  }

  // Every phase has as long as it needs.
  void plan_at_leisure() {
    double at = gap_ns;
    const auto next = [&](double length_ns) {
      const Span span{at, at + length_ns};
      at += length_ns + gap_ns;
      return span;
    };
    plan_.precharge = next(settling_ns);
    plan_.evaluation = next(settling_ns);
    plan_.sharing = next(settling_ns);
    plan_.sampling = next(settling_ns);
    const Hold& hold = model_.hold();
    const double joined_ns = hold.joined_ns;
    plan_.joined = next(joined_ns);
    plan_.injection = next(injection_ns);
    plan_.waiting = next(hold.row_ns(turn()) - joined_ns + (hold.sampled ? 0.0 : own_ns()));
    at += settling_ns;  // the row levels out behind its switches
    plan_.on_sample = {plan_.sampling.from_ns, at - gap_ns / 2.0};
    plan_.own = next(std::max(injection_ns, hold.sampled ? own_ns() : 0.0));
    plan_.read_ns = at - 0.75 * gap_ns;
    plan_.end_ns = at;
  }

  // A source that is `level` in a span of every search, from the middle of its first edge to the middle of its last, so
  // that its integral does not depend on edges.
  std::string pulses(const Span& span, double level, const char* unit, double latest_ns = 0.0) const {
    const double edge = std::min(edge_part * std::max(span.to_ns - span.from_ns, 1e-6), longest_edge_ns);
    std::string text = span.from_ns > 0.0 ? "PWL(0 0" : "PWL(";
    for (std::uint32_t search = 0; search < searches; ++search) {
      const double from = span.from_ns + search * plan_.end_ns;
      const double to = std::max(span.to_ns, latest_ns) + search * plan_.end_ns;
      text += from > 0.0
                  ? fmt::format(" {:.12g}n 0 {:.12g}n {:.9g}{}", from - edge / 2.0, from + edge / 2.0, level, unit)
                  : fmt::format("0 {:.9g}{}", level, unit);
      text += fmt::format(" {:.12g}n {:.9g}{} {:.12g}n 0", to - edge / 2.0, level, unit, to + edge / 2.0);
    }
    return text + ")";
  }

  void header() {
    put("* One CAM row of {} {} cells, {} of them matching", used_,
        cell_circuits[static_cast<std::size_t>(circuit_.cell_circuit)].name,
        std::count(row_.matches.begin(), row_.matches.end(), true));
    put("* expected by the model: v_sampled = {:.9g} V; full scale {:.9g} V, an LSB of {} bits {:.9g} V",
        expected_voltage(config_, row_), model_.full_scale_v(), config_.sensing.bits,
        std::ldexp(model_.full_scale_v(), -static_cast<int>(config_.sensing.bits)));
    put("* expected by the model: q_supply = {:.9g} fC from the supply, by the second of two equal searches",
        expected_charge_fc(config_, row_));
    put(".param supply={:.9g}", actual_supply_v(circuit_));
    put("");
    put("Vsupply source 0 DC {{supply}}");
    put("Vprobe source supply DC 0");
  }

  void model(const char* name, double kohm) { put(".model {} SW(VT=0.5 VH=0 RON={:.6g}k ROFF=1e18)", name, kohm); }

  void controls() {
    constexpr double least_kohm = 1e-6;
    const double largest_ff =
        std::max({wire_ff(), model_.sampling_ff(), model_.cell_ff(), circuit_.cell_parasitic_ff.value_or(0.0),
                  std::ranges::max(row_.capacitance_ff)});
    const double settled_kohm = 1e3 * time_constant_ns / largest_ff;  // ns / fF = MOhm
    const auto kohm = [&](double given, Channel channel) {
      return settles() ? std::max(least_kohm, actual_resistance_kohm(circuit_, given, channel)) : settled_kohm;
    };
    model("cell_switch", kohm(circuit_.switch_resistance_kohm, Channel::both));
    model("n_switch", kohm(circuit_.switch_resistance_kohm, Channel::n));
    model("p_switch", kohm(circuit_.switch_resistance_kohm, Channel::p));
    model("sampling_switch", kohm(circuit_.sampling_resistance_kohm, Channel::both));
    // Switches that the model takes for as strong as need be; all of a ladder's together are one.
    const double reset_ns = settles() ? 1e-4 * plan_.precharge.to_ns * (ladder() ? used_ : 1) : time_constant_ns;
    model("reset_switch", std::min(settled_kohm, 1e3 * reset_ns / (used_ * model_.cell_ff() + model_.line_ff() + 1.0)));
    put("* precharge, or reset");
    put("Vprecharge precharge 0 {}", pulses(plan_.precharge, 1.0, ""));
    Span evaluation = plan_.evaluation;
    if (settles()) {
      evaluation.from_ns += search_line_delay_ns(config_, row_.row);
      put("* the search line has risen at row {} after {:.6g} ns", row_.row,
          evaluation.from_ns - plan_.evaluation.from_ns);
    }
    const bool never = evaluation.from_ns >= evaluation.to_ns && !couples_;
    put("Vevaluate evaluate 0 {}", never ? "DC 0"
                                         : pulses(evaluation, 1.0, "",
                                                  !couples_   ? 0.0
                                                  : settles() ? plan_.read_ns
                                                              : plan_.end_ns - gap_ns / 2.0));
    put("Vshare share 0 {}", pulses(plan_.sharing, 1.0, "",
                                    settles() ? (opens() ? plan_.sampling.to_ns : plan_.read_ns)
                                    : opens() ? plan_.joined.to_ns + gap_ns / 2.0
                                              : plan_.end_ns - gap_ns / 2.0));
    put("Vsample sample 0 {}", model_.sampling_ff() > 0.0 ? pulses(plan_.on_sample, 1.0, "") : "DC 0");
  }

  std::string at_column(std::uint32_t i) const { return ladder() ? fmt::format("matchline{}", i) : "matchline"; }

  void line() {
    put("");
    if (ladder()) {
      put("* the matchline, column by column; the converter is at column 0");
      put("Vend matchline matchline0 DC 0");
      for (std::uint32_t i = 0; i + 1 < used_; ++i)
        put("Rline{0} matchline{0} matchline{1} {2:.9g}", i, i + 1, *circuit_.matchline_ohm_per_column);
    }
    for (std::uint32_t i = 0; i < (ladder() ? used_ : 1) && wire_ff() > 0.0; ++i)
      put("Cline{} {} 0 {:.9g}f", i, at_column(i), wire_ff() / (ladder() ? used_ : 1));
    for (std::uint32_t i = 0; i < (ladder() ? used_ : 1); ++i)
      put("Sreset{} {} 0 precharge 0 reset_switch", i, at_column(i));
    if (model_.sampling_ff() > 0.0) {
      put("* the converter's sampling capacitor");
      put("Csample held 0 {:.9g}f", model_.sampling_ff());
      put("Ssample matchline held sample 0 sampling_switch");
      put("Sclear held 0 precharge 0 reset_switch");
    } else {
      put("Vheld matchline held DC 0");
    }
  }

  void cells() {
    const double parasitic_ff = circuit_.cell_parasitic_ff.value_or(0.0);
    put("");
    for (std::uint32_t i = 0; i < used_; ++i) {
      const bool match = row_.matches[i];
      if (couples_) {
        put("Ccell{0} plate{0} {1} {2:.9g}f{3}", i, at_column(i), row_.capacitance_ff[i],
            settles() ? " IC={supply}" : "");
        put("Sground{0} plate{0} 0 {1} 0 cell_switch", i, match ? "precharge" : "supply");
        if (match) put("Sdrive{0} plate{0} supply evaluate 0 cell_switch", i);
        if (parasitic_ff > 0.0)
          put("Cplate{0} plate{0} 0 {1:.9g}f{2}", i, parasitic_ff, settles() ? " IC={supply}" : "");
        continue;
      }
      const bool discharges = circuit_.cell_circuit == CellCircuit::discharge;
      // The worst state before a search that has to settle: the whole way to make.
      const std::string before = settles() && !discharges ? " IC={supply}" : settles() ? " IC=0" : "";
      put("Ccell{0} cell{0} 0 {1:.9g}f{2}", i, row_.capacitance_ff[i] + parasitic_ff, before);
      put("Sload{0} cell{0} {1} precharge 0 {2}_switch", i, discharges ? "supply" : "0", discharges ? 'p' : 'n');
      if (discharges != match)
        put("Sevaluate{0} cell{0} {1} evaluate 0 {2}_switch", i, discharges ? "0" : "supply", discharges ? 'n' : 'p');
      put("Sshare{0} cell{0} {1} share 0 cell_switch", i, at_column(i));
    }
  }

  // A source of a charge in a span, from ground to a node.
  void source(const char* name, const std::string& node, const Span& span, double charge_fc) {
    const double length_ns = span.to_ns - span.from_ns;
    if (charge_fc != 0.0 && length_ns > 0.0)
      put("I{} 0 {} {}", name, node, pulses(span, 1e3 * charge_fc / length_ns, "n"));  // fC / ns = uA
  }

  // The charge that comes and goes once the row is joined.
  void charges() {
    put("");
    constexpr double fc_per_pa_ns = 1e-6;
    const Hold& hold = model_.hold();
    const double leakage_fc_per_ns = fc_per_pa_ns * used_ * actual_leakage_pa(circuit_);
    const double sum_ff = std::accumulate(row_.capacitance_ff.begin(), row_.capacitance_ff.end(), 0.0) +
                          used_ * (couples_ ? 0.0 : circuit_.cell_parasitic_ff.value_or(0.0)) + model_.line_ff();
    const double joined_ns = hold.joined_ns;
    const double waiting_ns = hold.row_ns(turn()) - joined_ns + (hold.sampled ? 0.0 : own_ns());
    const double held_ff = opens() ? model_.line_ff() : sum_ff;
    const std::string row = settles() ? "added" : "matchline", sample = settles() ? "own" : "held";
    if (settles()) {
      put("* what injection and leakage add to a row that holds its charge");
      put("Cadded added 0 {:.9g}f IC=0", held_ff);
      put("Radded added 0 1e18");
      put("Cown own 0 {:.9g}f IC=0", std::max(1.0, model_.sampling_ff()));
      put("Rown own 0 1e18");
    }
    source("joined", row, plan_.joined, -leakage_fc_per_ns * joined_ns * (settles() ? held_ff / sum_ff : 1.0));
    source("injected", row, plan_.injection, row_.injected.row_fc);
    source("waiting", row, plan_.waiting, -leakage_fc_per_ns * waiting_ns);
    if (hold.sampled)
      source("own", sample, plan_.own,
             row_.injected.sample_fc - fc_per_pa_ns * actual_sampling_leakage_pa(circuit_) * own_ns());
    put("* what can be sampled: ideal sources could drive it beyond ground or the supply");
    put("Bsampled sampled 0 V=min(max(v(held){}, 0), v(supply))", settles() ? " + v(added) + v(own)" : "");
  }

  void analysis() {
    const double last = (searches - 1) * plan_.end_ns;
    double shortest = settling_ns;
    if (settles()) {
      for (const Span& span : {plan_.precharge, plan_.evaluation, plan_.sharing, plan_.sampling})
        shortest = std::min(shortest, span.to_ns - span.from_ns);
      if (plan_.on_sample.to_ns > plan_.on_sample.from_ns)
        shortest = std::min(shortest, plan_.on_sample.to_ns - plan_.on_sample.from_ns);
    }
    const double step =
        std::min(plan_.end_ns * searches / steps, shortest / (settles() ? steps_of_phase : steps_of_settling));
    put(".options method=gear reltol={} trtol=1 abstol=1e-18 vntol=1e-9 chgtol=1e-19 gmin=1e-18",
        settles() ? "1e-6" : "1e-5");
    put(".tran {0:.6g}n {1:.12g}n 0 {0:.6g}n{2}", step, plan_.end_ns * searches, settles() ? " uic" : "");
    // Of a row in time the first search, from the worst state, just before its switches move.
    const double first = settles() ? 0.0 : last, before = settles() ? edge_part * shortest : 0.0;
    put(".meas tran v_matchline FIND v(matchline) AT={:.12g}n", first + plan_.sampling.to_ns - before);
    put(".meas tran v_sampled FIND v(sampled) AT={:.12g}n", first + plan_.read_ns - before);
    put(".meas tran q_supply INTEG i(Vprobe) FROM={:.12g}n TO={:.12g}n", last, last + plan_.end_ns);
    put(".end");
  }

  const Config& config_;
  const CircuitParams& circuit_;
  const NetlistRow& row_;
  const std::uint32_t used_;
  const std::unique_ptr<const Converter> converter_;
  const RowCircuit model_;
  const bool couples_;
  Plan plan_;
  std::string text_;
};

}  // namespace

std::string row_netlist(const Config& config, const NetlistRow& row) { return Writer(config, row).text(); }

}  // namespace capcam
