// Compares two-stage with one-stage selection on a trace: measured recall beside the published estimate, over tile
// rows, placements, tile_k and n. It looks at scores and places only, not at time or cost.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "capcam/config.h"
#include "workload/workload.h"

namespace capcam {

struct SelectionPoint {
  std::uint32_t rows = 0;        // keys per tile
  std::uint32_t interleave = 1;  // tiles to which consecutive keys go in turn
  std::uint32_t tile_k = 0;
  std::uint32_t n = 0;
};

// Means over the head-queries that have a valid key. Scores are the machine's without noise unless stated otherwise.
struct SelectionFigures {
  std::uint64_t queries = 0;
  double estimate = 0.0;        // expected_recall of each query's valid keys
  double shuffled = 0.0;        // recall by key after each query's scores were dealt to its valid keys at random
  double by_key = 0.0;          // share of the one-stage selection's keys that are kept
  double by_score = 0.0;        // the same share if keys of equal score may replace each other
  double weight = 0.0;          // softmax weight (before normalisation) of the kept keys over that of one stage
  double full_precision = 0.0;  // recall by key with scores q . k in full precision, which have no ties
  double neighbours = 0.0;      // neighbour_ratio of the full-precision selection
  void add(const SelectionFigures& other);
};

struct SelectionStudy {
  std::vector<SelectionPoint> points;
  std::vector<SelectionFigures> figures;   // one entry per point
  std::vector<std::uint32_t> layers;       // the layers' numbers in the trace
  std::vector<SelectionFigures> by_layer;  // at the configuration's own rows, interleave, tile_k and n
};

struct SelectionGrid {
  std::vector<std::uint32_t> rows, interleave, tile_k, n;  // every combination is a point
};

// `done` is called after every head; if it returns true, the study stops and throws Interrupted.
SelectionStudy study_selection(const Workload& workload, const Config& config, const SelectionGrid& grid,
                               const std::function<bool(std::uint32_t head)>& done);

}  // namespace capcam
