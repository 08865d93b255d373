// A small machine and its workload out of the bytes of an input: a seed (support/random_machine.h) and then edits, two
// bytes each: which key, which value.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <iterator>

#include "bytes.h"
#include "support/random_machine.h"

namespace capcam::fuzz {

using MachineEdit = void (*)(testing::RandomMachine&, std::uint32_t value);

inline constexpr const char* kinds_of_sensing[] = {"ideal", "sar", "flash", "ramp", "time_domain"};
inline constexpr Decode kinds_of_decode[] = {Decode::off, Decode::append, Decode::reprogram};

inline constexpr MachineEdit machine_edits[] = {
    [](testing::RandomMachine& m, std::uint32_t v) { m.config.accelerator.cores = 1 + v % 5; },
    [](testing::RandomMachine& m, std::uint32_t v) { m.config.array.rows = 1 + v % 24; },
    [](testing::RandomMachine& m, std::uint32_t v) { m.config.array.columns = 1 + v; },
    [](testing::RandomMachine& m, std::uint32_t v) { m.config.array.count = 1 + v % 32; },
    [](testing::RandomMachine& m, std::uint32_t v) { m.config.array.program_rows_per_cycle = 1 + v % 24; },
    [](testing::RandomMachine& m, std::uint32_t v) { m.config.array.search_cycles = 1 + v % 16; },
    [](testing::RandomMachine& m, std::uint32_t v) { m.config.array.queries_per_program = 1 + v % 12; },
    [](testing::RandomMachine& m, std::uint32_t v) { m.config.sensing.kind = kinds_of_sensing[v % 5]; },
    [](testing::RandomMachine& m, std::uint32_t v) { m.config.sensing.bits = 1 + v % 10; },
    [](testing::RandomMachine& m, std::uint32_t v) { m.config.sensing.conversion_cycles = 1 + v % 20; },
    [](testing::RandomMachine& m, std::uint32_t v) { m.config.sensing.ramp_step_cycles = 1 + v % 6; },
    [](testing::RandomMachine& m, std::uint32_t v) { m.config.sensing.rows_per_converter = 1 + v % 24; },
    [](testing::RandomMachine& m, std::uint32_t v) { m.config.sensing.circuit.thermal_noise = v % 2 == 1; },
    [](testing::RandomMachine& m, std::uint32_t v) { m.config.sensing.circuit.offset_mismatch_mv = v / 4.0; },
    [](testing::RandomMachine& m, std::uint32_t v) { m.config.sensing.circuit.comparator_noise_mv = v / 4.0; },
    [](testing::RandomMachine& m, std::uint32_t v) { m.config.sensing.circuit.dnl_lsb = v / 1024.0; },
    [](testing::RandomMachine& m, std::uint32_t v) { m.config.score.scale_cycles = v % 10; },
    [](testing::RandomMachine& m, std::uint32_t v) { m.config.top_n.n = 1 + v % 40; },
    [](testing::RandomMachine& m, std::uint32_t v) { m.config.top_n.tile_k = v % 25; },
    [](testing::RandomMachine& m, std::uint32_t v) { m.config.top_n.tile_cycles = v % 8; },
    [](testing::RandomMachine& m, std::uint32_t v) { m.config.top_n.register_cycles = v % 8; },
    [](testing::RandomMachine& m, std::uint32_t v) { m.config.top_n.register_entries = 1 + v; },
    [](testing::RandomMachine& m, std::uint32_t v) { m.config.top_n.merge_cycles = 1 + v; },
    [](testing::RandomMachine& m, std::uint32_t v) { m.config.softmax.lookup_cycles = 1 + v % 8; },
    [](testing::RandomMachine& m, std::uint32_t v) { m.config.softmax.divide_cycles = 1 + v % 32; },
    [](testing::RandomMachine& m, std::uint32_t v) { m.config.softmax.pipelined_divider = v % 2 == 1; },
    [](testing::RandomMachine& m, std::uint32_t v) { m.config.value.lanes = 1 + v; },
    [](testing::RandomMachine& m, std::uint32_t v) { m.config.value.mac_cycles = 1 + v % 12; },
    [](testing::RandomMachine& m, std::uint32_t v) { m.config.value.pipelined_mac = v % 2 == 1; },
    [](testing::RandomMachine& m, std::uint32_t v) {
      m.config.memory.value_source = v % 2 == 1 ? ValueSource::sram : ValueSource::dram_prefetch;
    },
    [](testing::RandomMachine& m, std::uint32_t v) { m.config.memory.latency_cycles = 1 + v * 3; },
    [](testing::RandomMachine& m, std::uint32_t v) { m.config.memory.bandwidth_gb_s = (1 + v) / 4.0; },
    [](testing::RandomMachine& m, std::uint32_t v) {
      m.config.memory.key_load = v % 2 == 1 ? HeadLoad::modelled : HeadLoad::hidden;
      m.config.memory.value_load = v / 2 % 2 == 1 ? HeadLoad::modelled : HeadLoad::hidden;
    },
    [](testing::RandomMachine& m, std::uint32_t v) { m.config.memory.key_sram_kib = 1 + v % 8; },
    [](testing::RandomMachine& m, std::uint32_t v) { m.config.memory.value_sram_kib = 1 + v % 32; },
    [](testing::RandomMachine& m, std::uint32_t v) { m.config.pipeline.query_overlap = v % 2 == 1; },
    [](testing::RandomMachine& m, std::uint32_t v) { m.config.pipeline.decode = kinds_of_decode[v % 3]; },
    [](testing::RandomMachine& m, std::uint32_t v) { m.config.clock.frequency_ghz = (1 + v) / 64.0; },
    [](testing::RandomMachine& m, std::uint32_t v) { m.config.seed = v; },
    [](testing::RandomMachine& m, std::uint32_t v) { m.trace.causal = v % 2 == 1; },
    [](testing::RandomMachine& m, std::uint32_t v) { m.trace.query_offset = v; },
    [](testing::RandomMachine& m, std::uint32_t v) {
      m.trace.window.reset();
      if (v > 0) m.trace.window = v;
    },
    [](testing::RandomMachine& m, std::uint32_t v) { m.trace.call = v; },
    [](testing::RandomMachine& m, std::uint32_t v) {  // every key whose number shares no bit with v
      std::vector<bool> mask(m.trace.shape.batch * m.trace.shape.keys);
      for (std::uint32_t i = 0; i < mask.size(); ++i) mask[i] = (i & v) == 0;
      testing::set_mask(m.trace, v % static_cast<std::uint32_t>(m.trace.layers.size()), mask);
    },
    [](testing::RandomMachine& m, std::uint32_t v) { m.config.array.interleave = 1 + v; },
};

inline testing::RandomMachine decoded_machine(const std::uint8_t* data, std::size_t size) {
  Bytes bytes(data, size);
  testing::RandomMachine machine = testing::random_machine(bytes.take<std::uint32_t>());
  while (!bytes.empty()) {
    const auto edit = bytes.take<std::uint8_t>();
    machine_edits[edit % std::size(machine_edits)](machine, bytes.take<std::uint8_t>());
  }
  return machine;
}

}  // namespace capcam::fuzz
