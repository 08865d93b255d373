// Counts the cells that match in all searches of a query, without searching. The cells of a column that match are its
// ones or its zeros, so it is enough to count the ones of every column once per head. Pairs of a cell that matches and
// one of its row that does not are counted row by row, and only for coupling cells, whose charge depends on them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "capcam/circuit.h"
#include "kernels/valid_keys.h"
#include "mapping/mapping.h"

namespace capcam::fast {

struct CellCounts {
  std::uint64_t matches = 0, pairs = 0;
  CellCounts& operator+=(const CellCounts& other) {
    matches += other.matches;
    pairs += other.pairs;
    return *this;
  }
};

class MatchingCells {
 public:
  MatchingCells(const BitRows& keys, const Mapping& mapping, CellCircuit circuit);  // the first two must outlive it

  // Counts over all rows of every tile that holds a valid key for the query: those are searched, whichever of their
  // keys are valid. In decode a row counts only once its key is there.
  CellCounts operator()(const BitRows& queries, std::uint32_t query, const ValidKeyRule& rule) const;
  // Sums over the queries [first, last). Those that search the same tiles are counted together.
  CellCounts operator()(const BitRows& queries, std::uint32_t first, std::uint32_t last,
                        const ValidKeyRule& rule) const;
  // Counts the same for these valid keys, with so many keys there.
  std::uint64_t count(const BitRows& queries, std::uint32_t query, const ValidKeys& valid, std::uint32_t there) const;
  std::uint64_t pairs(const BitRows& queries, std::uint32_t query, const ValidKeys& valid, std::uint32_t there) const;

 private:
  // The queries [first, last), with the ones of each of their columns if they are several.
  struct Queries {
    const BitRows& bits;
    std::uint32_t first, last;
    std::span<const std::uint32_t> ones;  // [column]
    std::uint32_t count() const { return last - first; }
  };
  std::uint64_t of_tiles(const Queries& queries, std::uint32_t first, std::uint32_t last) const;
  std::uint64_t of_keys(const Queries& queries, const TileKeys& keys) const;
  std::uint64_t count(const Queries& queries, const ValidKeys& valid, std::uint32_t there) const;

  const BitRows& keys_;
  const Mapping& mapping_;
  bool counts_pairs_ = false;
  std::size_t words_ = 0;                  // per row, over all segments
  std::vector<std::uint32_t> ones_;        // [tile][column]: ones in the keys before the tile; one more at the end
  std::vector<std::uint64_t> total_ones_;  // [tile]: over all columns
};

}  // namespace capcam::fast
