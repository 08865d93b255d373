// SPDX-License-Identifier: Apache-2.0
#include "kernels/circuit_figures.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "capcam/converter.h"
#include "config/conditions.h"
#include "kernels/converter_elements.h"
#include "kernels/decision.h"
#include "kernels/delay_row.h"
#include "kernels/phases.h"
#include "kernels/random_readout.h"
#include "kernels/row_readings.h"

namespace capcam {
namespace {

Config without_draws(const Config& config) {
  Config c = config;
  CircuitParams& circuit = c.sensing.circuit;
  circuit.matching_coefficient = circuit.threshold_mismatch_mv = 0.0;
  circuit.injected_charge_fc = 0.0;
  circuit.reference_error = circuit.offset_mv = circuit.offset_mismatch_mv = circuit.comparator_noise_mv = 0.0;
  circuit.inl_lsb = circuit.dnl_lsb = 0.0;
  circuit.element_mismatch = 0.0;
  circuit.thermal_noise = false;
  circuit.regeneration_ps = 0.0;
  return c;
}

// Returns the root mean square of the error of a machine without draws, over match counts and a few rows.
double systematic_lsb(const Config& config) {
  constexpr std::uint32_t most_rows = 16;
  const std::uint32_t used = config.array.columns, rows = config.array.rows;
  const RandomReadout readout(config, {used, used});
  const SegmentReadout& segment = readout.segment(0);
  double squares = 0.0;
  std::uint32_t count = 0;
  for (std::uint32_t i = 0; i < std::min(rows, most_rows); ++i) {
    const std::uint32_t row = rows <= most_rows ? i : i * (rows - 1) / (most_rows - 1);
    const RowReadout of_row = readout.row(0, row, {}, {});
    for (std::uint32_t m = 0; m <= used; ++m, ++count) {
      const double wanted = static_cast<double>(m) / used * std::exp2(config.sensing.bits) + 0.5;
      const double error = segment.input(m, 0, of_row, 0.0f) - wanted;
      squares += error * error;
    }
  }
  return std::sqrt(squares / count);
}

class Figures {
 public:
  explicit Figures(const Config& config)
      : config_(config),
        circuit_(config.sensing.circuit),
        converter_(make_converter(config.sensing)),
        delays_(converter_->input() == ConverterInput::delay),
        used_(config.array.columns),
        levels_(std::exp2(config.sensing.bits)),
        row_(config, *converter_, used_),
        delay_row_(config, used_) {}

  CircuitFigures figures() && {
    scales();
    if (delays_)
      f_.phases = {{"edge", 1e-3 * delay_row_.longest_ps(), 1e-3 * delay_row_.available_ps()}};
    else
      phases();
    f_.phases.push_back({"decision", needed_decision_ns(config_, volts_per_lsb_), decision_ns(config_, *converter_)});
    systematic();
    drawn();
    std::stable_sort(f_.errors.begin(), f_.errors.end(),
                     [](const auto& a, const auto& b) { return a.rms_lsb > b.rms_lsb; });
    f_.effective_bits = effective_bits(config_.sensing.bits, f_.rms_lsb);
    return std::move(f_);
  }

 private:
  void scales() {
    f_.unit = delays_ ? "ps" : "mV";
    f_.full_scale = delays_ ? delay_row_.full_scale_ps() : 1e3 * row_.full_scale_v();
    f_.lsb = f_.full_scale / levels_;
    volts_per_lsb_ = RandomReadout(config_, {used_, used_}).segment(0).volts_per_lsb;
    if (delays_) return;
    f_.cell_ff = row_.cell_ff();
    f_.matchline_ff = row_.line_ff();
    f_.sampling_ff = row_.sampling_ff();
    f_.hold_ns = row_.hold().longest_ns();
    f_.half_lsb_hold_ns = row_.leaks_after_ns(0.5 * volts_per_lsb_);
  }

  void phases() {
    const PhaseTimes time = phase_times(config_);
    const TimeConstants tau = time_constants(config_);
    const RowNetwork network = row_network(config_, used_);
    const double half_lsb = std::log(2.0 * levels_), late_ns = search_line_delay_ns(config_, config_.array.rows - 1);
    const bool couples = circuit_.cell_circuit == CellCircuit::coupling;
    const double sharing_ns = sharing_time_constant_ns(network);
    f_.phases.push_back({"precharge", tau.precharge_ns * half_lsb, time.precharge_ns});
    if (couples) {
      f_.phases.push_back({"evaluation", late_ns + sharing_ns * half_lsb, time.evaluation_ns + time.sharing_ns});
    } else {
      f_.phases.push_back({"evaluation", late_ns + tau.evaluation_ns * half_lsb, time.evaluation_ns});
      f_.phases.push_back({"sharing", sharing_ns * half_lsb, time.sharing_ns});
    }
    const Hold& hold = row_.hold();
    f_.phases.push_back({"sampling", hold.sampled ? needed_to_sample_ns(0) : 0.0, time.sampling_ns});
    if (hold.sampled && hold.turns > 1)
      f_.phases.push_back({"sampling of later rows", needed_to_sample_ns(1), hold.later_sampling_ns});
    const double sine = std::sin(std::numbers::pi / (2.0 * used_));
    const double wire_ns = 1e-3 * network.wire_kohm * network.cell_ff / (4.0 * sine * sine);
    if (wire_ns <= 0.0) return;
    const double switch_ns = 1e-3 * network.switch_kohm * network.cell_ff;
    const double worst = 2.0 / std::numbers::pi * wire_ns / (wire_ns + switch_ns);
    const double read_ns = hold.sampled ? hold.first_ns : hold.row_ns(0) + std::min(hold.own_full_ns, hold.own_zero_ns);
    f_.phases.push_back({"levelling", (wire_ns + switch_ns) * std::max(0.0, std::log(worst * 2.0 * levels_)),
                         read_ns + (couples ? time.evaluation_ns : 0.0)});
  }

  // Finds the time on the sampling capacitor after which a row of full scale is within half an LSB.
  double needed_to_sample_ns(std::uint32_t turn) const {
    const PhaseTimes time = phase_times(config_);
    const double sharing_ns =
        time.sharing_ns + (circuit_.cell_circuit == CellCircuit::coupling ? time.evaluation_ns : 0.0);
    const auto settles_in = [&](double sampling_ns) {
      Hold hold = row_.hold();
      hold.later_sampling_ns = sampling_ns;
      const double of_search_ns = turn == 0 ? sampling_ns : time.sampling_ns;
      return std::abs(1.0 - reading(config_, hold, used_, turn, sharing_ns, of_search_ns).gain) * levels_ < 0.5;
    };
    constexpr int bisections = 40;
    constexpr double longest_ns = 1e9;
    double high_ns = 1e-3;
    while (high_ns < longest_ns && !settles_in(high_ns)) high_ns *= 2.0;
    double low_ns = 0.0;
    for (int i = 0; i < bisections && high_ns - low_ns > 1e-4 * high_ns; ++i) {
      const double middle_ns = 0.5 * (low_ns + high_ns);
      (settles_in(middle_ns) ? high_ns : low_ns) = middle_ns;
    }
    return high_ns;
  }

  void add(const char* name, double rms_lsb) {
    if (rms_lsb > least_lsb) f_.errors.push_back({name, rms_lsb});
  }

  // Those that are the same in every search: each alone, and all together.
  void systematic() {
    const Config plain = without_draws(config_);
    Config quiet = plain;
    CircuitParams& c = quiet.sensing.circuit;
    c.leakage_pa = 0.0;
    c.supply_error = 0.0;
    c.settling = false;
    if (!delays_) c.reference = Reference::calibrated;
    const auto alone = [&](const char* name, auto&& switch_on) {
      Config one = quiet;
      switch_on(one.sensing.circuit);
      add(name, systematic_lsb(one));
    };
    if (delays_) {
      Config timely = plain;
      timely.sensing.circuit.settling = false;
      add("supply, corner and temperature", systematic_lsb(timely));
      alone("late edges", [&](CircuitParams& one) {
        one.settling = circuit_.settling;
        one.reference_follows_supply = true;
        one.supply_error = circuit_.supply_error;
      });
    } else {
      alone("leakage", [&](CircuitParams& one) { one.leakage_pa = circuit_.leakage_pa; });
      alone("settling", [&](CircuitParams& one) { one.settling = circuit_.settling; });
      alone("supply", [&](CircuitParams& one) { one.supply_error = circuit_.supply_error; });
      alone("parasitic capacitance, not calibrated", [&](CircuitParams& one) { one.reference = circuit_.reference; });
    }
    f_.rms_lsb = systematic_lsb(plain);
  }

  void draw(const char* name, double deviation_lsb) {
    add(name, deviation_lsb);
    f_.rms_lsb = std::hypot(f_.rms_lsb, deviation_lsb);
  }

  void drawn() {
    const double d = used_,
                 of_full_scale = row_.supply_v() * d * row_.cell_ff() / row_.total_ff(d) / row_.full_scale_v();
    const double elements_lsb = element_sigma(*converter_, config_.sensing) * std::sqrt(levels_ / 6.0);
    if (delays_) {
      const double r = delay_row_.passing_share();
      draw("delay variation", delay_row_.relative() * delay_spread(circuit_) * levels_ *
                                  std::sqrt(((1.0 + r) * (1.0 + r) + r * r) / (2.0 * d)));
    } else {
      draw("capacitor mismatch", of_full_scale * mismatch_sigma(circuit_) * levels_ / d * std::sqrt((d - 1.0) / 6.0));
      double squares = 0.0;
      for (std::uint32_t row = 0; row < config_.array.rows; ++row)
        for (const double weight : row_.readings().row(row).weights) squares += weight * weight / config_.array.rows;
      draw("levelling along the matchline", of_full_scale * std::sqrt(squares / 6.0) * levels_ / d);
      const double of_row_v = actual_injection_fc(circuit_, used_) / row_.holding_ff(d);
      const double of_sample_v =
          row_.sampling_ff() > 0.0 ? actual_sampling_injection_fc(circuit_, used_) / row_.sampling_ff() : 0.0;
      draw("charge injection", std::hypot(of_row_v, of_sample_v) / volts_per_lsb_);
    }
    draw("reference", circuit_.reference_error * levels_ / std::sqrt(3.0));
    draw("offset", 1e-3 * circuit_.offset_mv / volts_per_lsb_);
    draw("offset mismatch", 1e-3 * circuit_.offset_mismatch_mv / volts_per_lsb_);
    draw("INL", circuit_.inl_lsb * std::sqrt(8.0 / 15.0));
    draw("DNL", circuit_.dnl_lsb / std::numbers::sqrt2);
    draw("converter elements", elements_lsb);
    Config noisy = config_;
    noisy.sensing.circuit.comparator_noise_mv = noisy.sensing.circuit.regeneration_ps = 0.0;
    const float thermal_lsb = RandomReadout(noisy, {used_, used_}).segment(0).deviation(used_ / 2);
    draw(delays_ ? "jitter" : "thermal noise", thermal_lsb);
    draw("undecided comparators", undecided_v(config_, *converter_) / volts_per_lsb_);
    draw("comparator noise", 1e-3 * circuit_.comparator_noise_mv / volts_per_lsb_);
  }

  static constexpr double least_lsb = 1e-4;  // less is rounding of single precision

  const Config& config_;
  const CircuitParams& circuit_;
  const std::unique_ptr<const Converter> converter_;
  const bool delays_;
  const std::uint32_t used_;
  const double levels_;
  const RowCircuit row_;
  const DelayRow delay_row_;
  double volts_per_lsb_ = 0.0;
  CircuitFigures f_;
};

}  // namespace

double effective_bits(double bits, double rms_lsb) {
  return std::max(0.0, bits - 0.5 * std::log2(1.0 + 12.0 * rms_lsb * rms_lsb));
}

std::optional<CircuitFigures> circuit_figures(const Config& config) {
  if (make_converter(config.sensing)->input() == ConverterInput::match_count) return std::nullopt;
  return Figures(config).figures();
}

}  // namespace capcam
