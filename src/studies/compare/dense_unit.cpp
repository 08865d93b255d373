// SPDX-License-Identifier: Apache-2.0
#include "studies/compare/dense_unit.h"

#include <algorithm>

namespace capcam::baseline {
namespace {

// Returns the cycles in which `lanes` take so many rows: several rows a cycle, or several cycles for each.
std::uint64_t row_cycles(std::uint64_t rows, std::uint64_t dim, std::uint64_t lanes) {
  return lanes < dim ? rows * pieces(dim, lanes) : pieces(rows, lanes / dim);
}

// Returns the fewest lanes that take all rows in that time.
std::uint64_t lanes_for(std::uint64_t cycles, std::uint64_t rows, std::uint64_t dim) {
  return cycles < rows ? dim * pieces(rows, cycles) : pieces(dim, cycles / rows);
}

}  // namespace

StageTimes DenseUnit::issues(std::uint64_t keys, bool last, const TraceShape& shape) const {
  const std::uint64_t output = last ? pieces(block * shape.value_dim, output_lanes) : 0;
  return {row_cycles(keys, shape.head_dim, score_lanes), pieces(block * keys, exp_lanes),
          row_cycles(keys, shape.value_dim, value_lanes), output};
}

DenseUnit unit_for_interval(std::uint64_t interval, KeyFormat format, std::uint64_t block, std::uint64_t chunk,
                            const Config& config, const TraceShape& shape) {
  DenseUnit unit;
  unit.format = format;
  unit.block = block;
  unit.chunk = std::min(chunk, shape.keys);
  unit.mac_cycles = config.value.mac_cycles;
  unit.exp_cycles = config.softmax.lookup_cycles;
  unit.divide_cycles = config.softmax.divide_cycles;
  const std::uint64_t of_block = interval * block;
  unit.score_lanes = lanes_for(of_block, shape.keys, shape.head_dim);
  unit.value_lanes = lanes_for(of_block, shape.keys, shape.value_dim);
  unit.exp_lanes = pieces(block * shape.keys, of_block);
  unit.output_lanes = pieces(block * shape.value_dim, of_block);
  return unit;
}

std::uint64_t longest_interval(const TraceShape& shape) {
  return shape.keys * std::max(shape.head_dim, shape.value_dim);
}

}  // namespace capcam::baseline
