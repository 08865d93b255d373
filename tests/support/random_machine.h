// Random small machines and workloads over the whole parameter space, by seed.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

#include "capcam/config.h"
#include "support/random_trace.h"

namespace capcam::testing {

struct RandomMachine {
  Config config;
  Trace trace;
};

// Switches each error of the circuit off or on, from gentle to hopeless. It draws from numbers of its own, so that a
// seed's machine stays what it was.
inline void draw_circuit(Config& config, std::uint32_t seed) {
  std::mt19937 engine(seed + 0x5eed);
  const auto real = [&](double low, double high) { return std::uniform_real_distribution<double>(low, high)(engine); };
  const auto chance = [&](double share) { return std::bernoulli_distribution(share)(engine); };
  CircuitParams& c = config.sensing.circuit;
  config.seed = engine();
  if (config.sensing.kind != "ideal") {
    constexpr const char* kinds[] = {"sar", "flash", "ramp", "time_domain"};
    config.sensing.kind = kinds[engine() % 4];
    config.sensing.ramp_step_cycles = 1 + engine() % 2;
  }
  if (chance(0.3)) return;
  c.corner = corners[engine() % 5].value;
  c.temperature_c = real(-40.0, 125.0);
  c.reference_follows_supply = chance(0.5);
  c.settling = chance(0.3);
  c.switch_resistance_kohm = real(1.0, 50.0);
  if (chance(0.5)) c.threshold_mismatch_mv = real(0.0, 100.0);
  if (chance(0.3)) c.offset_mismatch_mv = real(0.0, 100.0);
  if (chance(0.3)) c.dnl_lsb = real(0.0, 0.25);
  c.noise_per_cell = chance(0.1);
  c.cell_capacitance_ff = chance(0.5) ? real(0.5, 2.0) : real(2.0, 30.0);
  if (chance(0.5)) c.matchline_capacitance_ff = real(0.0, 100.0);
  if (chance(0.3)) c.reference = Reference::nominal;
  if (chance(0.3)) c.supply_error = real(-0.1, 0.1);
  if (chance(0.3)) c.reference_error = real(0.0, 0.1);
  if (chance(0.3)) c.leakage_pa = real(0.0, 1e4);
  if (chance(0.3)) c.injected_charge_fc = real(0.0, 2.0);
  if (chance(0.3)) c.offset_mv = real(0.0, 100.0);
  if (chance(0.3)) c.inl_lsb = real(0.0, 2.0);
  if (chance(0.5)) c.matching_coefficient = real(0.0, 0.5);
  if (chance(0.5)) c.thermal_noise = true;
  if (chance(0.4)) c.comparator_noise_mv = real(0.0, 150.0);
  c.cell_circuit = cell_circuits[engine() % 3].value;
  if (chance(0.3)) c.cell_parasitic_ff = real(0.0, 2.0);
  if (chance(0.3)) c.share_switches = ShareSwitches::open;
  if (chance(0.3)) c.element_mismatch = chance(0.5) ? real(0.0, 0.02) : real(0.02, 0.3);
  if (c.matchline_capacitance_ff && chance(0.5)) c.sampling_capacitance_ff = real(0.0, *c.matchline_capacitance_ff);
  if (!c.settling) return;
  c.matchline_ohm_per_column = chance(0.5) ? real(0.0, 10.0) : real(10.0, 5000.0);
  c.search_line_ohm_per_row = real(0.0, 1000.0);
  c.search_line_ff_per_row = real(0.0, 10.0);
}

// Draws what delays and decisions depend on, from numbers of its own: edges that are late, elements near the shortest.
inline void draw_delays(Config& config, std::uint32_t seed) {
  std::mt19937 engine(seed + 0xde1a7);
  const auto real = [&](double low, double high) { return std::uniform_real_distribution<double>(low, high)(engine); };
  CircuitParams& c = config.sensing.circuit;
  c.delay_capacitance_ff = real(0.3, 6.0);
  c.drive_current_ua = real(15.0, 150.0);
  const double element_ps = 1e3 * c.delay_capacitance_ff / (2.0 * c.drive_current_ua) * config.array.columns /
                            (std::uint32_t{1} << config.sensing.bits);
  c.least_delay_ps = engine() % 2 == 0 ? 0.0 : element_ps * real(0.1, 0.9);
  c.regeneration_ps = engine() % 2 == 0 ? real(0.0, 20.0) : real(20.0, 1000.0);
}

// Draws the clock (and so the cycles of a transfer), supply, thresholds and phases from numbers of their own. Every
// fifth seed keeps the defaults.
inline void draw_conditions(Config& config, std::uint32_t seed) {
  if (seed % 5 == 0) return;
  std::mt19937 engine(seed + 0xc10c);
  const auto maybe = [&](double& value, double low, double high) {
    if (engine() % 2 == 0) value = std::uniform_real_distribution<double>(low, high)(engine);
  };
  maybe(config.clock.frequency_ghz, 0.1, 3.0);
  CircuitParams& c = config.sensing.circuit;
  maybe(c.supply_v, 0.8, 1.3);
  maybe(c.threshold_v, 0.1, 0.35);
  maybe(c.corner_threshold_mv, 0.0, 60.0);
  double hold_ns = -1.0;
  maybe(hold_ns, 0.0, 20.0);
  if (hold_ns >= 0.0) c.hold_ns = hold_ns;
  maybe(c.sharing_part, 0.05, 0.45);
}

// Draws switches, by whose width cells leak and inject where no key says so, from numbers of their own.
inline void draw_switches(Config& config, std::uint32_t seed) {
  std::mt19937 engine(seed + 0x5317c4);
  const auto real = [&](double low, double high) { return std::uniform_real_distribution<double>(low, high)(engine); };
  const auto chance = [&](double share) { return std::bernoulli_distribution(share)(engine); };
  CircuitParams& c = config.sensing.circuit;
  if (chance(0.5)) return;
  c.sampling_resistance_kohm = real(0.1, 10.0);
  c.switch_kohm_um = real(0.5, 2.0);
  if (chance(0.4)) c.switch_leakage_pa_per_um = real(0.0, 1e4);
  if (chance(0.4)) c.switch_charge_mismatch_fc = real(0.0, 0.5);
}

// A third of the machines decode token by token, and more of those than of others hold all keys.
inline void draw_decode(RandomMachine& machine, std::uint32_t seed) {
  std::mt19937 engine(seed + 0xdec0de);
  const auto chance = [&](double share) { return std::bernoulli_distribution(share)(engine); };
  if (!chance(0.33)) return;
  Config& c = machine.config;
  c.pipeline.decode = chance(0.6) ? Decode::append : Decode::reprogram;
  c.array.queries_per_program = 1;
  machine.trace.causal = chance(0.8);
  if (!chance(0.5)) return;
  const auto pieces = [](std::uint64_t whole, std::uint64_t piece) { return (whole + piece - 1) / piece; };
  const TraceShape& shape = machine.trace.shape;
  c.array.count =
      static_cast<std::uint32_t>(pieces(shape.keys, c.array.rows) * pieces(shape.head_dim, c.array.columns));
}

// Two thirds of the machines interleave keys, by few tiles, by any number or by all.
inline void draw_interleave(Config& config, std::uint32_t seed) {
  std::mt19937 engine(seed + 0x171e);
  const auto up_to = [&](std::uint32_t most) { return std::uniform_int_distribution<std::uint32_t>(1, most)(engine); };
  const std::uint32_t draws[] = {1, 1, 2, up_to(7), up_to(40), 1048576};
  config.array.interleave = draws[up_to(6) - 1];
}

// Half of the machines that hold all values load them over the DRAM channel; some hold those of two or three heads.
inline void draw_value_load(Config& config, std::uint32_t seed) {
  std::mt19937 engine(seed + 0x10ad);
  if (config.memory.value_source != ValueSource::sram) return;
  if (std::bernoulli_distribution(0.6)(engine)) config.memory.value_load = HeadLoad::modelled;
  config.memory.value_sram_kib *= std::uniform_int_distribution<std::uint32_t>(1, 3)(engine);
}

// Windows and scales of layers' own, in a part of the seeds.
inline void draw_layers(Trace& trace, std::uint32_t seed) {
  std::mt19937 engine(seed + 0x1a7e25);
  if (!std::bernoulli_distribution(0.3)(engine)) return;
  for (TraceLayer& layer : trace.layers) {
    if (std::bernoulli_distribution(0.7)(engine))
      layer.window = std::uniform_int_distribution<std::uint64_t>(1, 60)(engine);
    if (std::bernoulli_distribution(0.5)(engine))
      layer.scale = std::uniform_real_distribution<double>(0.05, 0.5)(engine);
  }
}

inline RandomMachine random_machine(std::uint32_t seed) {
  std::mt19937 engine(seed);
  const auto pick = [&](std::uint32_t low, std::uint32_t high) {
    return std::uniform_int_distribution<std::uint32_t>(low, high)(engine);
  };
  const auto chance = [&](double share) { return std::bernoulli_distribution(share)(engine); };
  Config c;
  c.accelerator.cores = chance(0.6) ? 1 : pick(2, 4);
  c.array.rows = pick(1, 12);
  c.array.columns = pick(4, 40);
  c.array.count = chance(0.4) ? 1 : pick(2, 10);
  c.array.program_rows_per_cycle = pick(1, c.array.rows);
  c.array.search_cycles = pick(1, 4);
  c.array.queries_per_program = chance(0.5) ? 1 : pick(2, 5);
  c.sensing.kind = chance(0.5) ? "ideal" : "sar";
  c.sensing.bits = pick(1, 8);
  c.sensing.conversion_cycles = pick(1, 6);
  c.sensing.rows_per_converter = pick(1, c.array.rows);
  c.score.scale_cycles = pick(0, 3);
  c.top_n.n = pick(1, 12);
  c.top_n.tile_k = chance(0.3) ? 0 : pick(1, c.array.rows);
  c.top_n.tile_cycles = pick(0, 3);
  c.top_n.register_cycles = pick(0, 2);
  c.top_n.register_entries = c.top_n.n + (c.top_n.tile_k == 0 ? c.array.rows : c.top_n.tile_k) + pick(0, 20);
  c.top_n.merge_cycles = chance(0.5) ? pick(1, 8) : pick(1, 60);
  c.softmax.format = chance(0.5) ? NumberFormat::bf16 : NumberFormat::fp32;
  c.softmax.lookup_cycles = pick(1, 3);
  c.softmax.divide_cycles = pick(1, 5);
  c.softmax.pipelined_divider = chance(0.5);
  c.value.format = chance(0.5) ? NumberFormat::bf16 : NumberFormat::fp32;
  c.value.lanes = pick(1, 16);
  c.value.mac_cycles = pick(1, 5);
  c.value.pipelined_mac = chance(0.5);
  c.memory.value_source = chance(0.75) ? ValueSource::dram_prefetch : ValueSource::sram;
  c.memory.latency_cycles = chance(0.5) ? pick(1, 30) : pick(1, 400);
  if (chance(0.5)) c.memory.bandwidth_gb_s = std::uniform_real_distribution<double>(0.5, 64.0)(engine);
  c.memory.key_load = chance(0.5) ? HeadLoad::hidden : HeadLoad::modelled;
  c.memory.key_sram_kib = 1;
  c.pipeline.query_overlap = chance(0.5);

  TraceShape shape;
  shape.batch = pick(1, 2);
  shape.kv_heads = pick(1, 2);
  shape.heads = shape.kv_heads * pick(1, 3);
  shape.queries = pick(1, 9);
  shape.keys = pick(1, 90);
  shape.head_dim = pick(1, 3) == 1 ? pick(100, 300) : pick(1, 64);  // keys of many bits do not fit their SRAM
  // Wide value rows make their slots scarce: a KiB holds few.
  const std::uint64_t element = c.value.format == NumberFormat::bf16 ? 2 : 4;
  const std::uint64_t rows =
      c.memory.value_source == ValueSource::sram
          ? shape.keys
          : std::min<std::uint64_t>(c.top_n.n, shape.keys) + (chance(0.5) ? pick(0, 6) : pick(0, 60));
  c.memory.value_sram_kib = pick(1, 3);
  shape.value_dim = std::max<std::uint64_t>(1, std::uint64_t{c.memory.value_sram_kib} * 1024 / (rows * element));
  RandomMachine machine{c, random_trace(shape, pick(1, 2), seed)};
  machine.trace.causal = chance(0.4);
  machine.trace.query_offset = chance(0.5) ? 0 : pick(0, 100);
  if (chance(0.3)) machine.trace.window = pick(1, 60);
  for (std::uint32_t layer = 0; layer < machine.trace.layers.size(); ++layer) {
    if (!chance(0.4)) continue;
    std::vector<bool> mask(shape.batch * shape.keys);
    const double share = std::uniform_real_distribution<double>(0.0, 1.0)(engine);
    for (std::size_t i = 0; i < mask.size(); ++i) mask[i] = chance(share);
    set_mask(machine.trace, layer, mask);
  }
  machine.trace.call = seed % 3;
  draw_conditions(machine.config, seed);
  draw_circuit(machine.config, seed);
  draw_delays(machine.config, seed);
  draw_switches(machine.config, seed);
  draw_decode(machine, seed);
  draw_interleave(machine.config, seed);
  draw_value_load(machine.config, seed);
  draw_layers(machine.trace, seed);
  return machine;
}

}  // namespace capcam::testing
