// SPDX-License-Identifier: Apache-2.0
#include "mapping/mapping.h"

#include <fmt/format.h>

#include <limits>
#include <string>
#include <vector>

#include "capcam/error.h"
#include "kernels/sensing.h"

namespace capcam {
namespace {

// The largest table has 64 MiB; beyond it, the distances between scores are too fine to tabulate.
constexpr std::uint64_t exp_table_limit = std::uint64_t{1} << 24;

std::uint64_t value_row_bytes(const TraceShape& shape, const Config& config) {
  return shape.value_dim * (config.value.format == NumberFormat::bf16 ? 2 : 4);
}

// Checks that the value SRAM holds the rows that must be in it at once; otherwise no query could ever finish.
void check_value_sram(const TraceShape& shape, const Config& config, std::vector<std::string>& problems) {
  const std::uint64_t row_bytes = value_row_bytes(shape, config);
  const std::uint64_t sram_bytes = std::uint64_t{config.memory.value_sram_kib} * 1024;
  const bool whole_head = config.memory.value_source == ValueSource::sram;
  const std::uint64_t rows = whole_head ? shape.keys : std::min<std::uint64_t>(config.top_n.n, shape.keys);
  if (rows <= sram_bytes / row_bytes) return;
  problems.push_back(
      fmt::format("memory.value_sram_kib ({}) holds {} value rows of {} elements ({} bytes); {}: raise it to {}, {}{}",
                  config.memory.value_sram_kib, sram_bytes / row_bytes, shape.value_dim, row_bytes,
                  whole_head ? fmt::format("memory.value_source = \"sram\" needs all {} of a head", rows)
                             : fmt::format("the {} kept of a query (top_n.n) must fit at once", rows),
                  (rows * row_bytes + 1023) / 1024,
                  whole_head ? "fetch rows as needed with memory.value_source = \"dram_prefetch\"" : "lower top_n.n",
                  config.value.format == NumberFormat::fp32 ? ", halve the rows with value.format = \"bf16\"" : ""));
}

void check_scores(const TraceShape& shape, const Config& config, const Segmentation& segmentation,
                  std::vector<std::string>& problems) {
  const std::uint64_t top = largest_score(config.sensing, shape.head_dim);
  if (top > std::numeric_limits<std::int32_t>::max()) {
    problems.push_back(
        fmt::format("sensing.bits ({}) and the trace's head_dim ({}) give scores up to {}, more than the 32-bit "
                    "accumulator holds ({}): lower sensing.bits",
                    config.sensing.bits, shape.head_dim, top, std::numeric_limits<std::int32_t>::max()));
    return;
  }
  const Sensing sensing(config, segmentation);
  const std::uint64_t entries = static_cast<std::uint64_t>(sensing.max_score() / sensing.score_step()) + 1;
  if (entries > exp_table_limit) {
    problems.push_back(
        fmt::format("the exp table would have {} entries, more than {}: sensing.bits ({}) is too fine for segments of "
                    "array.columns ({}) that do not divide head_dim ({}); lower sensing.bits or choose columns that do",
                    entries, exp_table_limit, config.sensing.bits, config.array.columns, shape.head_dim));
  }
}

}  // namespace

std::uint64_t Mapping::key_words(std::uint32_t keys_loaded) const {
  std::uint64_t of_tiles = 0;
  if (placement().consecutive()) {
    of_tiles = std::uint64_t{keys_loaded / rows} * program_cycles(rows) + program_cycles(keys_loaded % rows);
  } else {
    for (std::uint32_t tile = 0; tile < tiles; ++tile)
      of_tiles += program_cycles(placement().tile(tile, keys_loaded).count);
  }
  return of_tiles * segmentation.segments();
}

Mapping map_onto(const TraceShape& shape, const Config& config) {
  Mapping mapping;
  mapping.rows = config.array.rows;
  mapping.keys = static_cast<std::uint32_t>(shape.keys);
  mapping.interleave = config.array.interleave;
  mapping.tiles = mapping.placement().tiles();
  mapping.arrays = config.array.count;
  mapping.program_rows_per_cycle = config.array.program_rows_per_cycle;
  mapping.segmentation = {static_cast<std::uint32_t>(shape.head_dim), config.array.columns};
  mapping.resident = std::uint64_t{mapping.tiles} * mapping.segmentation.segments() <= mapping.arrays;
  mapping.decode = config.pipeline.decode;
  const bool one_by_one = mapping.resident || mapping.decode != Decode::off;
  mapping.queries_per_program = one_by_one ? 1 : config.array.queries_per_program;

  std::vector<std::string> problems;
  check_value_sram(shape, config, problems);
  check_scores(shape, config, mapping.segmentation, problems);
  if (!problems.empty()) throw InputError("the trace does not fit the machine", std::move(problems));
  return mapping;
}

}  // namespace capcam
