// SPDX-License-Identifier: Apache-2.0
#include "kernels/delay_row.h"

#include <algorithm>
#include <cmath>

#include "config/conditions.h"
#include "kernels/phases.h"

namespace capcam {

double delay_spread(const CircuitParams& c) {
  return std::hypot(delay_sigma(c), c.matching_coefficient / std::sqrt(c.delay_capacitance_ff));
}

DelayRow::DelayRow(const Config& config, std::uint32_t used_columns) : used_(used_columns) {
  const CircuitParams& c = config.sensing.circuit;
  const double parasitic_ff = c.cell_parasitic_ff.value_or(0.0);
  const double passing_ps = used_ * delay_ps(c, parasitic_ff), delayed_ps = used_ * delay_ps(c, c.delay_capacitance_ff);
  full_scale_ps_ = c.reference_follows_supply ? delayed_ps : used_ * delay_ps(nominal(c), c.delay_capacitance_ff);
  relative_ = c.reference_follows_supply ? 1.0 : relative_delay(c);
  parasitic_share_ = parasitic_ff / c.delay_capacitance_ff;
  const double spread = delay_spread(c);
  passing_share_ = parasitic_share_ * (spread > 0.0 ? delay_sigma(c) / spread : 1.0);
  longest_ps_ = passing_ps + delayed_ps;
  const double running_ns = (1.0 - c.precharge_part) * config.array.search_cycles / config.clock.frequency_ghz;
  available_ps_ = 1e3 * std::max(0.0, running_ns - search_line_delay_ns(config, config.array.rows - 1));
  if (c.settling) least_input_ = std::clamp(1.0 - (available_ps_ - passing_ps) / full_scale_ps_, 0.0, 1.0);
  const auto square = [&](double capacitance_ff) {
    const double of_full_scale = jitter_ps(c, capacitance_ff) / full_scale_ps_;
    return of_full_scale * of_full_scale;
  };
  jitter_square_ = 2.0 * used_ * square(parasitic_ff);
  jitter_square_per_mismatch_ = 2.0 * square(c.delay_capacitance_ff);
}

double DelayRow::input(double matching_cells) const {
  return std::clamp(1.0 - relative_ * (used_ - matching_cells) / used_, least_input_, 1.0);
}

}  // namespace capcam
