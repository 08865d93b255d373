// SPDX-License-Identifier: Apache-2.0
#include "kernels/matchline.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "capcam/error.h"
#include "config/conditions.h"
#include "kernels/cell_circuit.h"
#include "kernels/delay_row.h"
#include "kernels/phases.h"

namespace capcam {
namespace {

constexpr double fc_per_pa_ns = 1e-6;  // 1 pA x 1 ns = 1e-21 C

bool shares_charge_ideally(const CircuitParams& c) {
  return (c.supply_error == 0.0 || c.reference_follows_supply) &&
         (c.matchline_capacitance_ff == 0.0 || c.reference == Reference::calibrated) && !c.settling &&
         actual_leakage_pa(c) == 0.0;
}

bool input_is_ideal(ConverterInput input, const Config& config, std::uint32_t used_columns) {
  if (input == ConverterInput::match_count) return true;
  if (input == ConverterInput::charge) return shares_charge_ideally(config.sensing.circuit);
  const DelayRow row(config, used_columns);
  return row.relative() == 1.0 && row.least_input() == 0.0;
}

double row_cell_ff(const CircuitParams& c) {
  return c.cell_capacitance_ff + (c.cell_circuit == CellCircuit::coupling ? 0.0 : c.cell_parasitic_ff.value_or(0.0));
}

}  // namespace

RowCircuit::RowCircuit(const Config& config, const Converter& converter, std::uint32_t used_columns)
    : config_(config),
      hold_(hold_times(config, converter)),
      readings_(std::make_shared<const RowReadings>(config, hold_, used_columns)),
      used_(used_columns),
      supply_v_(actual_supply_v(config.sensing.circuit)),
      cell_ff_(row_cell_ff(config.sensing.circuit)),
      line_ff_(config.sensing.circuit.matchline_capacitance_ff.value_or(0.0)),
      sampling_ff_(capcam::sampling_ff(config.sensing.circuit)),
      leakage_pa_(actual_leakage_pa(config.sensing.circuit)),
      sampling_leakage_pa_(actual_sampling_leakage_pa(config.sensing.circuit)) {
  const CircuitParams& c = config.sensing.circuit;
  const double share = c.reference == Reference::nominal ? 1.0 : used_ * cell_ff_ / total_ff(used_);
  full_scale_v_ = (c.reference_follows_supply ? supply_v_ : c.supply_v) * share;
}

double RowCircuit::holding_ff(double all_cells) const {
  return waits_cut_off(config_.sensing.circuit) ? line_ff_ : total_ff(all_cells);
}

// Until the search is over the cells are joined, whatever holds the charge later.
double RowCircuit::row_droop_v(double time_ns, double all_cells) const {
  const double joined_ns = std::min(time_ns, hold_.joined_ns);
  return used_ * leakage_pa_ * fc_per_pa_ns *
         (joined_ns / total_ff(all_cells) + (time_ns - joined_ns) / holding_ff(all_cells));
}

double RowCircuit::own_droop_v_per_ns(double all_cells) const {
  return fc_per_pa_ns *
         (hold_.sampled ? sampling_leakage_pa_ / sampling_ff_ : used_ * leakage_pa_ / holding_ff(all_cells));
}

double RowCircuit::leaks_after_ns(double volt) const {
  if (leakage_pa_ == 0.0) return std::numeric_limits<double>::infinity();
  const double row_ns = hold_.row_ns(hold_.turns - 1), on_row_v = row_droop_v(row_ns, used_);
  if (on_row_v <= volt) return row_ns + (volt - on_row_v) / own_droop_v_per_ns(used_);
  const double joined_v = row_droop_v(hold_.joined_ns, used_);
  if (joined_v >= volt) return hold_.joined_ns * volt / joined_v;
  return hold_.joined_ns + (row_ns - hold_.joined_ns) * (volt - joined_v) / (on_row_v - joined_v);
}

RowCircuit::Line RowCircuit::line(std::uint32_t row, double all_cells, const InjectedCharge& injected) const {
  const CircuitParams& c = config_.sensing.circuit;
  const Unsettled of_cell = unsettled(config_, row);
  const CellShares shares = cell_shares(c.cell_circuit, of_cell.missing, of_cell.left);
  const double per_cell_v = supply_v_ * readings_->row(row).gain * cell_ff_ / total_ff(all_cells);
  Line line{per_cell_v * shares.matching, per_cell_v * shares.all * all_cells};
  const std::uint32_t turn = row % hold_.turns;
  line.base_v += injected.row_fc / holding_ff(all_cells) - row_droop_v(hold_.row_ns(turn), all_cells);
  if (sampling_ff_ > 0.0) line.base_v += injected.sample_fc / sampling_ff_;
  if (leakage_pa_ == 0.0) return line;
  // With h = h_zero + (h_full - h_zero) V / V_full: V (1 + k (h_full - h_zero) / V_full) = what it was - k h_zero.
  const double own_v_per_ns = own_droop_v_per_ns(all_cells), zero_ns = hold_.own_zero_of(turn),
               full_ns = hold_.own_full_of(turn);
  constexpr double least = 0.1;  // beyond, leakage outruns the reference, and nothing is left to read
  const double slower = std::max(least, 1.0 + own_v_per_ns * (full_ns - zero_ns) / full_scale_v_);
  return {line.slope_v / slower, (line.base_v - own_v_per_ns * zero_ns) / slower};
}

double RowCircuit::voltage(std::uint32_t row, double matching_cells, double all_cells,
                           const InjectedCharge& injected) const {
  const Line line = this->line(row, all_cells, injected);
  return std::clamp(line.slope_v * matching_cells + line.base_v, 0.0, supply_v_);
}

double RowCircuit::thermal_noise_v() const {
  const double ff = sampling_ff_ > 0.0 ? sampling_ff_ : holding_ff(used_);
  return std::sqrt(boltzmann * kelvin(config_.sensing.circuit) / (ff * 1e-15));
}

double mismatch_sigma(const CircuitParams& c) {
  return c.matching_coefficient * std::sqrt(c.cell_capacitance_ff) / row_cell_ff(c);
}

bool matchline_is_ideal(const Config& config) {
  return input_is_ideal(make_converter(config.sensing)->input(), config, config.array.columns);
}

bool rows_differ(const Config& config) {
  const CircuitParams& c = config.sensing.circuit;
  if (make_converter(config.sensing)->input() != ConverterInput::charge) return false;
  const bool wait = (actual_leakage_pa(c) > 0.0 || c.settling) && !c.hold_ns && config.sensing.rows_per_converter > 1;
  const bool along_search_line = c.settling && c.search_line_ohm_per_row.value_or(0.0) > 0.0 &&
                                 c.search_line_ff_per_row.value_or(0.0) > 0.0 && config.array.rows > 1;
  return wait || along_search_line;
}

std::vector<std::uint32_t> converter_codes(const Converter& converter, const Config& config,
                                           std::uint32_t used_columns) {
  std::vector<std::uint32_t> codes;
  const double levels = std::exp2(config.sensing.bits);
  const std::vector<double> decisions = converter.decision_levels();
  const bool ideal = input_is_ideal(converter.input(), config, used_columns);
  const DelayRow delays(config, used_columns);
  const RowCircuit row(config, converter, used_columns);
  for (std::uint32_t matches = 0; matches <= used_columns; ++matches) {
    if (converter.input() == ConverterInput::match_count) {
      codes.push_back(matches);
      continue;
    }
    // Halves stay exact, as an ideal matchline's quotient is rounded once and decision levels are 2^-17 apart.
    double y = static_cast<double>(matches) / used_columns * levels;
    if (!ideal) {
      const double x = converter.input() == ConverterInput::charge
                           ? row.voltage(0, matches, used_columns) / row.full_scale_v()
                           : delays.input(matches);
      y = x * levels;
    }
    const double code =
        decisions.empty()
            ? std::floor(y + 0.5)
            : static_cast<double>(std::upper_bound(decisions.begin(), decisions.end(), y / levels) - decisions.begin());
    codes.push_back(static_cast<std::uint32_t>(std::clamp(code, 0.0, levels - 1.0)));
  }
  return codes;
}

}  // namespace capcam
