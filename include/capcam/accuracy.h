// The accuracy of the attention output against two references computed from the same trace: `exact` (full-precision
// softmax attention) and `ideal` (one-bit queries and keys, ideal sensing, single-stage selection, fp32).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "capcam/score_histogram.h"

namespace capcam {

// Means over the measured queries, none of which is empty. worst_head_cosine is the lowest of the heads' mean cosines.
struct AccuracyFigures {
  double selection_recall = 0.0;  // share of the reference's min(N, valid keys) best keys that were kept
  double cosine = 0.0;            // of the output vectors
  double relative_l2 = 0.0;       // |out - ref| / |ref|
  double worst_head_cosine = 0.0;
};

// Standard errors of the means of a sample of the queries, as if it had been drawn at random without replacement; the
// evenly spread sample errs no more than that. They are 0 if all queries were measured and absent if only one was.
struct StandardErrors {
  std::optional<double> selection_recall, cosine, relative_l2;
};

// The accuracy of one head, whose worst_head_cosine is its own mean cosine. Figures are absent if no query of it was
// measured.
struct HeadAccuracy {
  std::uint64_t measured_queries = 0;
  std::optional<AccuracyFigures> exact;
  std::optional<AccuracyFigures> ideal;
};

// Figures are absent if no query was measured.
struct Accuracy {
  double share = 0.0;                  // share of the queries that was asked for
  std::uint64_t measured_queries = 0;  // queries in the means: picked by the share and not empty
  std::uint64_t empty_queries = 0;     // queries without a valid key, measured or not
  std::optional<AccuracyFigures> exact;
  std::optional<AccuracyFigures> ideal;
  StandardErrors exact_error;
  StandardErrors ideal_error;
  std::vector<HeadAccuracy> heads;     // in the order of the workload
  std::vector<ScoreHistogram> scores;  // one per layer, over the measured queries
  std::int32_t scores_per_match = 1;   // the unit of the errors in `scores`
};

}  // namespace capcam
