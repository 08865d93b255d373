// SPDX-License-Identifier: Apache-2.0
#include "kernels/drawn_charge.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "capcam/converter.h"
#include "config/conditions.h"
#include "kernels/phases.h"
#include "kernels/row_readings.h"

namespace capcam {

DrawnCharge::DrawnCharge(const Config& config, std::uint32_t used, std::uint32_t row)
    : couples_(config.sensing.circuit.cell_circuit == CellCircuit::coupling),
      discharges_(config.sensing.circuit.cell_circuit == CellCircuit::discharge),
      supply_v_(actual_supply_v(config.sensing.circuit)),
      used_(used) {
  const RowNetwork network = row_network(config, used);
  const Unsettled of_cell = unsettled(config, row);
  cell_ff_ = network.cell_ff;
  plate_ff_ = network.plate_ff;
  missing_ = of_cell.missing;
  left_ = of_cell.left;
  const PhaseTimes time = phase_times(config);
  const double evaluated_ns = couples_ ? std::max(0.0, time.evaluation_ns - search_line_delay_ns(config, row)) : 0.0;
  const Hold hold = hold_times(config, *make_converter(config.sensing));
  RowCharges charges{std::vector<double>(used, couples_ ? -(cell_ff_ + plate_ff_) : cell_ff_),
                     std::vector<double>(used, couples_ ? cell_ff_ : 0.0), 0.0};
  const double before = std::accumulate(charges.cells.begin(), charges.cells.end(), 0.0);
  double joined_ns = 0.0;
  for (const NetworkStep& step :
       steps_until_read(config, hold, row % hold.turns, time.sharing_ns + evaluated_ns, time.sampling_ns)) {
    flow(network, step, charges);
    joined_ns += step.cells ? step.time_ns : 0.0;
  }
  mean_kept_ = std::accumulate(charges.cells.begin(), charges.cells.end(), 0.0) / before;
  const double tau_ns = 1e-3 * network.switch_kohm * (cell_ff_ + plate_ff_);
  difference_kept_ = tau_ns > 0.0 ? std::exp(-joined_ns / tau_ns) : 0.0;
}

double DrawnCharge::search(double matches, State& state) const {
  const double others = used_ - matches, part = matches / used_;
  if (couples_) {
    // Plates, of which the matchline's reset leaves the charge; their sources step to V_s and 0.
    const double plate_ff = cell_ff_ + plate_ff_;
    State now{missing_ * state.matching, missing_ * state.others};
    const double mean = part * now.matching + (1.0 - part) * now.others, source = part * supply_v_;
    const double mean_after = source - mean_kept_ * (source - mean);
    const auto after = [&](double own_source, double own) {
      return mean_after + (own_source - source) - difference_kept_ * (own_source - source - (own - mean));
    };
    state = {after(supply_v_, now.matching), after(0.0, now.others)};
    return matches * plate_ff * (state.matching - now.matching);
  }
  State now = state;
  double charge_fc = 0.0;
  if (discharges_) {
    now = {supply_v_ - missing_ * (supply_v_ - state.matching), supply_v_ - missing_ * (supply_v_ - state.others)};
    charge_fc = cell_ff_ * (matches * (now.matching - state.matching) + others * (now.others - state.others));
    now.others *= left_;
  } else {
    now = {missing_ * state.matching, missing_ * state.others};
    const double rises = (1.0 - left_) * (supply_v_ - now.matching);
    charge_fc = cell_ff_ * matches * rises;
    now.matching += rises;
  }
  const double mean = part * now.matching + (1.0 - part) * now.others;
  state = {mean_kept_ * mean + difference_kept_ * (now.matching - mean),
           mean_kept_ * mean + difference_kept_ * (now.others - mean)};
  return charge_fc;
}

double DrawnCharge::after_fc(double matches, std::uint32_t searches) const {
  State state;
  if (!discharges_) state = {supply_v_, supply_v_};
  double charge_fc = 0.0;
  for (std::uint32_t i = 0; i < searches; ++i) charge_fc = search(matches, state);
  return charge_fc;
}

// A search is an affine map of the state, whose fixed point this finds.
double DrawnCharge::steady_fc(double matches) const {
  const auto map = [&](State state) {
    search(matches, state);
    return state;
  };
  const State from_0 = map({0.0, 0.0}), of_matching = map({1.0, 0.0}), of_others = map({0.0, 1.0});
  const double a = 1.0 - (of_matching.matching - from_0.matching), b = -(of_others.matching - from_0.matching);
  const double c = -(of_matching.others - from_0.others), d = 1.0 - (of_others.others - from_0.others);
  const double determinant = a * d - b * c;
  constexpr double least = 1e-12;  // below it nothing moves
  if (determinant < least) return 0.0;
  State state{(from_0.matching * d - b * from_0.others) / determinant,
              (a * from_0.others - c * from_0.matching) / determinant};
  return search(matches, state);
}

SupplyCharge supply_charge(const Config& config, std::uint32_t used) {
  const CircuitParams& c = config.sensing.circuit;
  if (!c.settling)
    return supply_charge(c.cell_circuit, actual_supply_v(c), used, c.cell_capacitance_ff,
                         c.cell_parasitic_ff.value_or(0.0), c.matchline_capacitance_ff.value_or(0.0));
  const DrawnCharge drawn(config, used);
  const double d = used;
  const double quarter = drawn.steady_fc(0.25 * d), half = drawn.steady_fc(0.5 * d), more = drawn.steady_fc(0.75 * d);
  SupplyCharge charge;
  if (c.cell_circuit == CellCircuit::coupling)
    charge.per_pair_fc = std::max(0.0, half - 0.5 * (quarter + more)) * 16.0 / (d * d);
  const double sum = 2.0 / d * half - 0.5 * d * charge.per_pair_fc, difference = 2.0 / d * (more - quarter);
  charge.per_match_fc = std::max(0.0, 0.5 * (sum + difference));
  charge.per_mismatch_fc = std::max(0.0, sum - charge.per_match_fc);
  return charge;
}

}  // namespace capcam
