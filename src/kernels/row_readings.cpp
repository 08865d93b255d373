// SPDX-License-Identifier: Apache-2.0
#include "kernels/row_readings.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "kernels/phases.h"

namespace capcam {
namespace {

bool alike(const RowReading& a, const RowReading& b) {
  constexpr double tolerance = 1e-9;
  if (std::abs(a.gain - b.gain) > tolerance || a.weights.size() != b.weights.size()) return false;
  for (std::size_t i = 0; i < a.weights.size(); ++i)
    if (std::abs(a.weights[i] - b.weights[i]) > tolerance) return false;
  return true;
}

}  // namespace

std::vector<NetworkStep> steps_until_read(const Config& config, const Hold& hold, std::uint32_t turn, double sharing_ns,
                                          double sampling_ns) {
  if (hold.sampled && turn == 0) return {{sharing_ns, true, false}, {sampling_ns, true, true}};
  if (hold.sampled)
    return {{sharing_ns + sampling_ns + turn * hold.turn_ns, true, false}, {hold.later_sampling_ns, true, true}};
  const PhaseTimes time = phase_times(config);
  const double own_ns = 0.5 * (hold.own_full_ns + hold.own_zero_ns);
  const double waits_ns = std::max(0.0, hold.row_ns(turn) + own_ns - time.sharing_ns - time.sampling_ns);
  return {{sharing_ns + sampling_ns, true, false}, {waits_ns, !waits_cut_off(config.sensing.circuit), false}};
}

bool waits_cut_off(const CircuitParams& c) {
  return c.share_switches == ShareSwitches::open && c.cell_circuit != CellCircuit::coupling &&
         c.matchline_capacitance_ff.value_or(0.0) > 0.0 && sampling_ff(c) == 0.0;
}

RowReading reading(const Config& config, const Hold& hold, std::uint32_t used, std::uint32_t turn, double sharing_ns,
                   double sampling_ns) {
  constexpr double negligible_lsb = 1e-3;
  const RowNetwork network = row_network(config, used);
  RowReading reading{1.0, read_weights(network, steps_until_read(config, hold, turn, sharing_ns, sampling_ns))};
  const double mean = std::accumulate(reading.weights.begin(), reading.weights.end(), 0.0) / used;
  const double settled = network.cell_ff / (used * (network.cell_ff + network.node_ff) + network.sampling_ff);
  reading.gain = mean / settled;
  // The largest error over all choices of matching cells: all cells whose weight is too large match.
  double above = 0.0;
  for (double& weight : reading.weights) {
    weight = mean > 0.0 ? weight / mean - 1.0 : 0.0;
    above += std::max(0.0, weight);
  }
  if (reading.gain * above / used * std::exp2(config.sensing.bits) < negligible_lsb) reading.weights.clear();
  return reading;
}

RowReadings::RowReadings(const Config& config, const Hold& hold, std::uint32_t used) {
  constexpr std::uint32_t most_groups = 64;  // of rows whose plates begin to rise at nearly the same time
  const CircuitParams& c = config.sensing.circuit;
  const PhaseTimes time = phase_times(config);
  if (!c.settling) {
    readings_.emplace_back();
    reading_of_row_.push_back(0);
    return;
  }
  const auto read = [&](std::uint32_t turn, double sharing_ns) {
    readings_.push_back(reading(config, hold, used, turn, sharing_ns, time.sampling_ns));
  };
  if (c.cell_circuit != CellCircuit::coupling) {
    for (std::uint32_t turn = 0; turn < hold.turns; ++turn) {
      // Once a row has levelled out, it stays so.
      const bool levelled = turn >= 3 && reading_of_row_[turn - 1] == reading_of_row_[turn - 2];
      if (!levelled) {
        read(turn, time.sharing_ns);
        if (turn >= 2 && alike(readings_.back(), readings_[readings_.size() - 2])) readings_.pop_back();
      }
      reading_of_row_.push_back(static_cast<std::uint32_t>(readings_.size()) - 1);
    }
    return;
  }
  const std::uint32_t rows = config.array.rows, group = (rows + most_groups - 1) / most_groups;
  std::vector<std::pair<double, std::uint32_t>> made;  // the time of evaluation and the turn of each reading
  for (std::uint32_t row = 0; row < rows; ++row) {
    const std::uint32_t middle = std::min(rows - 1, row / group * group + group / 2), turn = row % hold.turns;
    const std::pair key{std::max(0.0, time.evaluation_ns - search_line_delay_ns(config, middle)), turn};
    const auto same = std::find(made.begin(), made.end(), key);
    if (same == made.end()) {
      read(turn, key.first + time.sharing_ns);
      made.push_back(key);
      reading_of_row_.push_back(static_cast<std::uint32_t>(readings_.size()) - 1);
    } else {
      reading_of_row_.push_back(static_cast<std::uint32_t>(same - made.begin()));
    }
  }
}

}  // namespace capcam
