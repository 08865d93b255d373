// Does the arithmetic of a head, query by query, without times: matching cells, scores, selection, softmax, values.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "capcam/config.h"
#include "engines/fast/results/matching_cells.h"
#include "engines/fast/results/tile_scores.h"
#include "kernels/selection.h"
#include "kernels/simd/search.h"
#include "kernels/softmax.h"
#include "kernels/tile_selection.h"
#include "mapping/mapping.h"
#include "workload/workload.h"

namespace capcam::fast {

// The results of consecutive queries, one after another.
class HeadResults {
 public:
  void clear(std::uint32_t value_dim) {
    value_dim_ = value_dim;
    cells_ = {};
    ends_.clear();
  }
  std::uint32_t size() const { return static_cast<std::uint32_t>(ends_.size()); }
  std::span<const Candidate> selection(std::uint32_t i) const {
    const std::size_t first = i == 0 ? 0 : ends_[i - 1];
    return {selections_.data() + first, ends_[i] - first};
  }
  std::span<const float> output(std::uint32_t i) const {
    return {outputs_.data() + std::size_t{i} * value_dim_, value_dim_};
  }
  // Sums over all searches of these queries.
  const CellCounts& cells() const { return cells_; }
  void add_cells(const CellCounts& cells) { cells_ += cells; }
  // Makes room for the next query's selection of `kept` keys, which the caller writes.
  std::span<Candidate> add_selection(std::size_t kept) {
    const std::size_t first = ends_.empty() ? 0 : ends_.back();
    ends_.push_back(first + kept);
    return room(selections_, first, kept);
  }
  // Makes room for the output of query i, which the caller writes in ascending order of i.
  std::span<float> add_output(std::uint32_t i) { return room(outputs_, std::size_t{i} * value_dim_, value_dim_); }

 private:
  // Memory grows and is used again without being cleared.
  template <class T>
  static std::span<T> room(std::vector<T>& memory, std::size_t first, std::size_t count) {
    if (memory.size() < first + count) memory.resize(2 * (first + count));
    return {memory.data() + first, count};
  }

  std::uint32_t value_dim_ = 0;
  CellCounts cells_;
  std::vector<std::size_t> ends_;  // end of each query's selection
  std::vector<Candidate> selections_;
  std::vector<float> outputs_;
};

// The memory with which a thread computes.
struct HeadScratch {
  static constexpr std::uint32_t at_once = 4;  // queries
  simd::Searcher::Scratch search;
  TileScores::Scratch tile;
  std::vector<Candidate> selection;
  std::array<std::vector<std::uint32_t>, at_once> keys;
  std::array<std::vector<float>, at_once> weights;
};

// The things that are prepared once per head. Any number of threads may compute with them at once.
class HeadFunction {
 public:
  // `core` is the core on which the head is.
  HeadFunction(const Head& head, const Config& config, const Mapping& mapping, std::uint32_t core);

  // Appends the results of queries [first, last).
  void compute(std::uint32_t first, std::uint32_t last, HeadScratch& scratch, HeadResults& results) const;

 private:
  // Does so for at most HeadScratch::at_once queries.
  void compute_few(std::uint32_t first, std::uint32_t last, HeadScratch& scratch, HeadResults& results) const;
  // Writes the kept keys of a query, best first, into scratch.search.level and .key.
  void search(std::uint32_t query, HeadScratch& scratch) const;
  void search_plainly(std::uint32_t query, HeadScratch& scratch) const;

  const Head& head_;
  const Mapping& mapping_;
  std::uint32_t n_;
  ConfiguredTileSelection rule_;
  NumberFormat softmax_format_;
  TileScores tile_scores_;
  MatchingCells matching_cells_;
  std::optional<RandomArrays> random_;  // is absent if codes depend on match counts alone
  ExpTable table_;
  std::optional<simd::Searcher> searcher_;  // is absent if the machine's scores are too fine for it
};

}  // namespace capcam::fast
