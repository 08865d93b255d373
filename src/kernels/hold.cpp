// SPDX-License-Identifier: Apache-2.0
#include "kernels/hold.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "kernels/phases.h"

namespace capcam {
namespace {

// Returns the cycles of the conversion of a row that has a code.
double cycles_at(const Converter& converter, std::uint32_t code) {
  const std::uint8_t valid = 1;
  return static_cast<double>(converter.convert({1, {&code, 1}, {&valid, 1}, {}}).cycles);
}

}  // namespace

Hold hold_times(const Config& config, const Converter& converter) {
  Hold hold;
  const PhaseTimes time = phase_times(config);
  const double search_ns = time.sharing_ns + time.sampling_ns;
  hold.sampled = sampling_ff(config.sensing.circuit) > 0.0;
  if (const std::optional<double>& given = config.sensing.circuit.hold_ns) {
    hold.joined_ns = std::min(*given, search_ns);
    hold.first_ns = hold.sampled ? hold.joined_ns : *given;
    hold.own_full_ns = hold.own_zero_ns = *given - hold.first_ns;
    return hold;
  }
  const double cycle_ns = 1.0 / config.clock.frequency_ghz;
  const auto top = static_cast<std::uint32_t>(std::exp2(config.sensing.bits) - 1.0);
  hold.joined_ns = hold.first_ns = search_ns;
  hold.own_full_ns = cycle_ns * cycles_at(converter, top);
  hold.own_zero_ns = cycle_ns * cycles_at(converter, 0);
  hold.turn_ns = std::max(hold.own_full_ns, hold.own_zero_ns);
  hold.turns = std::min(config.sensing.rows_per_converter, config.array.rows);
  if (hold.sampled)
    hold.later_sampling_ns = std::min(time.sampling_ns, 0.5 * std::min(hold.own_full_ns, hold.own_zero_ns));
  return hold;
}

}  // namespace capcam
