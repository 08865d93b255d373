// SPDX-License-Identifier: Apache-2.0
#include "studies/compare/dense_unit.h"

#include <algorithm>

namespace capcam::baseline {
namespace {

DenseUnit bare_unit(KeyFormat format, const Config& config) {
  DenseUnit unit;
  unit.format = format;
  unit.shared_reads = config.array.queries_per_program;
  unit.mac_cycles = config.value.mac_cycles;
  unit.exp_cycles = config.softmax.lookup_cycles;
  unit.divide_cycles = config.softmax.divide_cycles;
  return unit;
}

}  // namespace

StageTimes DenseUnit::times(std::uint64_t valid_keys, const TraceShape& shape) const {
  if (valid_keys == 0) return {};
  return {issues(valid_keys * shape.head_dim, score_lanes) + mac_cycles, issues(valid_keys, exp_lanes) + exp_cycles,
          issues(valid_keys * shape.value_dim, value_lanes) + mac_cycles,
          issues(shape.value_dim, dividers) - 1 + divide_cycles};
}

DenseUnit unit_for_interval(std::uint64_t interval, KeyFormat format, const Config& config, const TraceShape& shape) {
  DenseUnit unit = bare_unit(format, config);
  unit.score_lanes = DenseUnit::issues(shape.keys * shape.head_dim, interval - unit.mac_cycles);
  unit.exp_lanes = DenseUnit::issues(shape.keys, interval - unit.exp_cycles);
  unit.value_lanes = DenseUnit::issues(shape.keys * shape.value_dim, interval - unit.mac_cycles);
  unit.dividers = DenseUnit::issues(shape.value_dim, interval + 1 - unit.divide_cycles);
  return unit;
}

std::uint64_t shortest_interval(const Config& config) {
  const DenseUnit unit = bare_unit(KeyFormat::bf16, config);
  return std::uint64_t{std::max({unit.mac_cycles, unit.exp_cycles, unit.divide_cycles})} + 1;
}

std::uint64_t longest_interval(const Config& config, const TraceShape& shape) {
  const StageTimes times = bare_unit(KeyFormat::bf16, config).times(shape.keys, shape);
  return std::max(*std::max_element(times.begin(), times.end()), shortest_interval(config));
}

}  // namespace capcam::baseline
