// Two-stage against one-stage selection on a trace: measured recall beside the published estimate, over tile rows,
// tile_k and n. No time, no cost: scores and places only.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "capcam/config.h"
#include "workload/workload.h"

namespace capcam {

struct SelectionPoint {
  std::uint32_t rows = 0;  // keys of a tile
  std::uint32_t tile_k = 0;
  std::uint32_t n = 0;
};

// Means over the head-queries that have a valid key. Scores are the machine's, noise-free, unless stated.
struct SelectionFigures {
  std::uint64_t queries = 0;
  double estimate = 0.0;        // expected_recall of each query's valid keys
  double shuffled = 0.0;        // recall by key, each query's scores dealt to its valid keys at random
  double by_key = 0.0;          // share of the one-stage selection's keys that are kept
  double by_score = 0.0;        // the same, keys of equal score standing in for each other
  double weight = 0.0;          // softmax weight (before normalisation) of what is kept over that of one stage
  double full_precision = 0.0;  // by key, scores q . k in full precision: no ties
  double neighbours = 0.0;      // neighbour_ratio of the full-precision selection
  void add(const SelectionFigures& other);
};

struct SelectionStudy {
  std::vector<SelectionPoint> points;
  std::vector<SelectionFigures> figures;   // a point each
  std::vector<std::uint32_t> layers;       // their numbers in the trace
  std::vector<SelectionFigures> by_layer;  // at the configuration's own rows, tile_k and n
};

struct SelectionGrid {
  std::vector<std::uint32_t> rows, tile_k, n;  // crossed
};

// `done` is called after every head with its number of queries; true: stop (throws Interrupted).
SelectionStudy study_selection(const Workload& workload, const Config& config, const SelectionGrid& grid,
                               const std::function<bool(std::uint32_t head)>& done);

}  // namespace capcam
