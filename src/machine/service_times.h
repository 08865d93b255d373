// The time that each unit of the machine works on one thing when nothing holds it up (docs/timing.md). Each engine has
// its own code for the waiting, so that their agreement is a check.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "capcam/config.h"
#include "capcam/trace.h"
#include "core/cycle.h"
#include "mapping/mapping.h"

namespace capcam {

// The transfers of the DRAM channel. Time is counted in units of 2^-20 cycle, so that both engines round alike.
struct DramTimes {
  static constexpr Cycle units_per_cycle = Cycle{1} << 20;

  double bytes_per_cycle = 0.0;  // infinity: transfers take no time
  Cycle latency = 0;             // from the end of a transfer to its completion

  DramTimes() = default;
  explicit DramTimes(const Config& config)
      : bytes_per_cycle(config.memory.bandwidth_gb_s / config.clock.frequency_ghz),
        latency(config.memory.latency_cycles) {}

  bool unlimited() const { return std::isinf(bytes_per_cycle); }
  // Returns the units that one transfer takes; the bandwidth must be limited.
  Cycle transfer_units(std::uint64_t bytes) const {
    return static_cast<Cycle>(
        std::ceil(static_cast<double>(units_per_cycle) * static_cast<double>(bytes) / bytes_per_cycle));
  }
  // Returns the completion of a transfer that ends after so many units.
  Cycle complete(Cycle end_units) const { return (end_units + units_per_cycle - 1) / units_per_cycle + latency; }
};

// Everything else but conversions (kernels/conversions.h). All members are cycles unless they say otherwise.
struct ServiceTimes {
  Cycle search = 1;
  Cycle scale = 0;         // codes to scores
  Cycle select = 0;        // tile selection and register write, after scaling
  Cycle result_slots = 1;  // results of an array between its converters and the candidate register, at most
  Cycle merge = 1;
  Cycle lookup = 1, divide = 1;
  bool pipelined_divider = false;
  std::uint32_t lanes = 1;      // multiply-accumulates per issue
  std::uint32_t value_dim = 0;  // elements of a value row
  Cycle mac = 1;
  bool pipelined_mac = true;

  std::uint64_t value_row_bytes = 0;
  std::uint64_t value_slots = 0;  // rows that the value SRAM holds
  std::uint64_t fetch_depth = 1;  // fetches of streamed keys that the key SRAM holds

  ServiceTimes() = default;
  ServiceTimes(const Config& config, const Mapping& mapping, const TraceShape& shape)
      : search(config.array.search_cycles),
        scale(config.score.scale_cycles),
        select(Cycle{config.top_n.tile_cycles} + config.top_n.register_cycles),
        result_slots(std::max<Cycle>(1, scale + select)),
        merge(config.top_n.merge_cycles),
        lookup(config.softmax.lookup_cycles),
        divide(config.softmax.divide_cycles),
        pipelined_divider(config.softmax.pipelined_divider),
        lanes(config.value.lanes),
        value_dim(static_cast<std::uint32_t>(shape.value_dim)),
        mac(config.value.mac_cycles),
        pipelined_mac(config.value.pipelined_mac),
        value_row_bytes(shape.value_dim * (config.value.format == NumberFormat::bf16 ? 2 : 4)),
        value_slots(std::uint64_t{config.memory.value_sram_kib} * 1024 / value_row_bytes) {
    const std::uint64_t columns = std::min(mapping.segmentation.columns, mapping.segmentation.head_dim);
    const std::uint64_t tile_bytes = (std::uint64_t{mapping.rows} * columns + 7) / 8;
    fetch_depth = std::max<std::uint64_t>(1, std::uint64_t{config.memory.key_sram_kib} * 1024 / tile_bytes);
  }

  // Returns the time of the softmax of `kept` keys, after the last merge.
  Cycle softmax(std::uint64_t kept) const {
    const auto n = static_cast<Cycle>(kept);
    if (n == 0) return 0;
    return n * lookup + (pipelined_divider ? n + divide : n * divide);
  }
  // Returns the issues of the multiply-accumulate units for `kept` value rows.
  std::uint64_t issues(std::uint64_t kept) const { return (kept * value_dim + lanes - 1) / lanes; }
  Cycle accumulate(std::uint64_t kept) const {
    if (kept == 0) return 0;
    const auto n = static_cast<Cycle>(issues(kept));
    return pipelined_mac ? n + mac : n * mac;
  }
};

}  // namespace capcam
