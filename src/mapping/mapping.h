// How a head's keys lie on the arrays of a core: tiles of at most `rows` keys, segments of `columns` dimensions.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>

#include "capcam/config.h"
#include "capcam/trace.h"
#include "kernels/bits.h"
#include "kernels/placement.h"
#include "kernels/valid_keys.h"

namespace capcam {

struct Mapping {
  std::uint32_t rows = 0;  // keys of a full tile
  std::uint32_t keys = 0;
  std::uint32_t tiles = 0;
  std::uint32_t interleave = 1;  // tiles to which consecutive keys go in turn
  std::uint32_t arrays = 0;
  std::uint32_t program_rows_per_cycle = 0;
  Segmentation segmentation;
  bool resident = false;                  // all tiles and segments fit the arrays at once: programmed once per head
  std::uint32_t queries_per_program = 1;  // queries of a group; 1 if resident (nothing to amortise) or decoding
  Decode decode = Decode::off;

  Placement placement() const { return {keys, rows, interleave}; }
  TileKeys keys_of(std::uint32_t tile) const { return placement().tile(tile); }
  std::uint32_t keys_in(std::uint32_t tile) const { return keys_of(tile).count; }
  std::uint32_t array_of(std::uint32_t tile, std::uint32_t segment) const {
    return static_cast<std::uint32_t>((std::uint64_t{tile} * segmentation.segments() + segment) % arrays);
  }
  // Returns the cycles that writing rows_written rows of an array takes.
  std::uint32_t program_cycles(std::uint32_t rows_written) const {
    return (rows_written + program_rows_per_cycle - 1) / program_rows_per_cycle;
  }
  std::uint64_t key_bytes(std::uint32_t keys_loaded) const {  // whole keys, one bit per dimension
    return (std::uint64_t{keys_loaded} * segmentation.head_dim + 7) / 8;
  }
  // Returns true if the key SRAM holds the keys of so many heads.
  bool keys_fit(const MemoryParams& memory, std::uint32_t heads) const {
    return heads * key_bytes(keys) <= std::uint64_t{memory.key_sram_kib} * 1024;
  }
  // Returns how many keys and value rows are loaded for a head. In decode those of its first step; later ones are made
  // on the way.
  std::uint32_t loaded_keys(const ValidKeyRule& valid) const { return decode == Decode::off ? keys : valid.there(0); }
  // Returns the words of a head's first keys; a word is what is programmed in one cycle.
  std::uint64_t key_words(std::uint32_t keys_loaded) const;
  // Returns how many results of an array can lie between its converters and the candidate register.
  static std::uint32_t result_slots(const Config& config) {
    return std::max(1u, config.score.scale_cycles + config.top_n.tile_cycles + config.top_n.register_cycles);
  }
};

Mapping map_onto(const TraceShape& shape, const Config& config);

}  // namespace capcam
