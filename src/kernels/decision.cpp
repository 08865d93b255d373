// SPDX-License-Identifier: Apache-2.0
#include "kernels/decision.h"

#include <algorithm>
#include <cmath>

#include "config/conditions.h"

namespace capcam {
namespace {

double regeneration_ns(const CircuitParams& c) {
  return 1e-3 * actual_resistance_kohm(c, c.regeneration_ps, Channel::both);
}

}  // namespace

double decision_ns(const Config& config, const Converter& converter) {
  return 0.5 * converter.decision_cycles() / config.clock.frequency_ghz;
}

double needed_decision_ns(const Config& config, double volts_per_lsb) {
  const CircuitParams& c = config.sensing.circuit;
  return regeneration_ns(c) * std::max(0.0, std::log(2.0 * actual_supply_v(c) / volts_per_lsb));
}

double undecided_v(const Config& config, const Converter& converter) {
  constexpr double least = 1e-10;
  const CircuitParams& c = config.sensing.circuit;
  if (!c.settling || c.regeneration_ps == 0.0) return 0.0;
  const double share = std::exp(-decision_ns(config, converter) / regeneration_ns(c));
  return share < least ? 0.0 : actual_supply_v(c) * share;
}

}  // namespace capcam
