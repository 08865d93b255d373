// Scores and selection of one query over all keys, vectorised with Highway for the best instruction set of the
// processor. Results equal those of count_matches, Sensing, best_of_tile and keep_best, which the systemc engine uses.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "kernels/selection.h"
#include "kernels/sensing.h"
#include "kernels/simd/key_planes.h"
#include "kernels/simd/random_planes.h"

namespace capcam::simd {

// A score is `level` score steps, 0 .. max_level. A segment's match count m adds table[m] to the level. Where the table
// equals min(((m << left) + add) >> right, top), the level is computed and not looked up.
struct SegmentRule {
  std::uint32_t used = 0;    // columns in use
  std::uint32_t planes = 0;  // bytes per row
  std::vector<std::uint16_t> table;
  bool computed = false;
  std::uint32_t left = 0, right = 0, top = 0;
  std::uint32_t level_per_code = 1;
};

// The part of a search that does not depend on the query. Any number of threads may search with it.
class Searcher {
 public:
  // Returns true if the SIMD search can do this machine: scores have at most 65534 steps, and tiles have at most 256
  // rows or there is no first stage (tile_k = 0 or tile_k >= rows).
  static bool can(const Sensing& sensing, std::uint32_t rows, std::uint32_t tile_k);

  Searcher(const BitRows& keys, const Sensing& sensing, std::uint32_t rows, std::uint32_t tile_k, std::uint32_t n,
           std::uint32_t interleave = 1);
  // Makes codes random from here on; head_number and row_of say what is drawn (RandomPlanes). Returns false if these
  // cells do not fit; the object must not be used then.
  [[nodiscard]] bool make_random(const BitRows& keys, const RandomReadout& readout, std::uint32_t head_number,
                                 const RandomPlanes::RowOf& row_of);

  // The memory of one thread that searches.
  struct Scratch {
    std::vector<std::uint8_t> query, spread;
    std::vector<std::uint8_t> levels, best, best_row;  // numbers of 8 or 16 bits
    std::vector<std::uint32_t> found_level, found_key;
    std::vector<Candidate> found;  // score: level
    std::vector<std::uint32_t> places;
    std::vector<std::uint32_t> level, key;  // level and key of the kept keys, best first
    // The noise of four consecutive queries.
    std::vector<float> normals;
    std::uint64_t normals_of = 0;                                         // identity_ of the Searcher
    std::uint32_t normals_four = 0, normals_first = 0, normals_last = 0;  // first block, last tile
  };
  // Writes the best n of the best tile_k valid keys of every tile, best first, to scratch.level and scratch.key.
  void search(const BitRows& queries, std::uint32_t query, const ValidKeys& valid, Scratch& scratch) const;
  // The levels of a search without a first stage lie in scratch.levels by key: 1 + level, 0 where a key is not valid,
  // in 16 bits if wide, else in 8. Levels outside the range of valid keys are undefined.
  bool wide() const { return wide_; }

 private:
  KeyPlanes keys_;
  std::vector<SegmentRule> rules_;
  std::uint32_t tile_k_ = 1;
  std::uint32_t n_ = 1;
  std::uint32_t largest_level_ = 0;
  bool wide_ = false;  // levels need 16 bits
  std::optional<RandomPlanes> random_;
  std::uint64_t identity_ = 0;  // identity of its random errors; no two are alike in a process
};

// Returns the instruction set that the search uses here: "AVX3_DL", "AVX2", "NEON".
const char* target_name();

}  // namespace capcam::simd
