// SPDX-License-Identifier: Apache-2.0
#include "studies/sweep/store/results_part.h"

#include <fmt/format.h>

#include "config/conditions.h"
#include "config/writer.h"
#include "kernels/matchline.h"
#include "kernels/random_readout.h"

namespace capcam {

Config results_part(Config config) {
  const Config usual;
  // Errors of the circuit depend on the node's wires, and those that take time on times.
  const CircuitParams& circuit = config.sensing.circuit;
  const bool errors = !matchline_is_ideal(config) || RandomReadout::needed(config);
  const bool timed = errors && (circuit.settling || actual_leakage_pa(circuit) > 0.0);
  if (!errors) config.cost = usual.cost;
  config.cost.converter = usual.cost.converter;
  if (!timed) {
    config.clock = usual.clock;
    config.array.search_cycles = usual.array.search_cycles;
    config.sensing.conversion_cycles = usual.sensing.conversion_cycles;
    config.sensing.ramp_step_cycles = usual.sensing.ramp_step_cycles;
  }
  config.memory = usual.memory;
  config.pipeline = usual.pipeline;
  config.score = usual.score;
  config.array.program_rows_per_cycle = usual.array.program_rows_per_cycle;
  config.array.queries_per_program = usual.array.queries_per_program;
  config.top_n.tile_cycles = usual.top_n.tile_cycles;
  config.top_n.register_cycles = usual.top_n.register_cycles;
  config.top_n.register_entries = usual.top_n.register_entries;
  config.top_n.merge_cycles = usual.top_n.merge_cycles;
  config.softmax.lookup_cycles = usual.softmax.lookup_cycles;
  config.softmax.divide_cycles = usual.softmax.divide_cycles;
  config.softmax.pipelined_divider = usual.softmax.pipelined_divider;
  config.value.lanes = usual.value.lanes;
  config.value.mac_cycles = usual.value.mac_cycles;
  config.value.pipelined_mac = usual.value.pipelined_mac;
  if (!RandomReadout::needed(config)) {  // all arrays and converters are alike
    config.accelerator = usual.accelerator;
    config.array.count = usual.array.count;
    config.sensing.rows_per_converter = usual.sensing.rows_per_converter;
    config.seed = usual.seed;
  }
  return config;
}

std::string results_identity(const Config& config) {
  const Config part = results_part(config);
  return fmt::format("{} seed {}", config_to_json(part).dump(), part.seed);
}

}  // namespace capcam
