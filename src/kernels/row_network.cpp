// SPDX-License-Identifier: Apache-2.0
#include "kernels/matchline_ladder.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "kernels/phases.h"

namespace capcam {

std::vector<double> ladder_weights(const Config& config, std::uint32_t used) {
  const CircuitParams& c = config.sensing.circuit;
  const double ohm = c.matchline_ohm_per_column.value_or(0.0);
  if (!c.settling || ohm == 0.0 || used < 2) return {};
  constexpr double ns_per_ohm_ff = 1e-6, negligible_mode = 1e-9, negligible_lsb = 1e-3;
  constexpr std::uint32_t most_modes = 256;  // beyond them a mode is gone, or nothing has settled anyway
  const bool couples = c.cell_circuit == CellCircuit::coupling;
  const double cell_ff = c.cell_capacitance_ff + (couples ? 0.0 : c.cell_parasitic_ff.value_or(0.0));
  const PhaseTimes time = phase_times(config);
  const double settle_ns = time.sharing_ns + time.sampling_ns + (couples ? time.evaluation_ns : 0.0);
  const double switch_ns = time_constants(config, used).cell_ns;
  const double step = std::numbers::pi / (2.0 * used);
  std::vector<double> weights(used, 0.0);
  for (std::uint32_t k = 1; k < std::min(used, most_modes + 1); ++k) {
    const double sine = std::sin(k * step), wire_ns = ns_per_ohm_ff * ohm * cell_ff / (4.0 * sine * sine);
    const double mode =
        2.0 * std::cos(k * step) * wire_ns / (wire_ns + switch_ns) * std::exp(-settle_ns / (wire_ns + switch_ns));
    if (mode < negligible_mode) break;
    for (std::uint32_t i = 0; i < used; ++i) weights[i] += mode * std::cos(k * step * (2.0 * i + 1.0));
  }
  // The largest error over all choices of matching cells: all cells whose weight is too large match.
  double above = 0.0;
  for (const double weight : weights) above += std::max(0.0, weight);
  if (above / used * std::exp2(config.sensing.bits) < negligible_lsb) return {};
  return weights;
}

}  // namespace capcam
