// SPDX-License-Identifier: Apache-2.0
#include "fast/functional.h"

#include <algorithm>

#include "kernels/bits.h"
#include "kernels/value_accumulate.h"

namespace capcam::fast {

HeadFunction::HeadFunction(const Head& head, const Config& config, const Mapping& mapping)
    : head_(head),
      mapping_(mapping),
      n_(config.top_n.n),
      tile_k_(config.top_n.tile_k),
      softmax_format_(config.softmax.format),
      sensing_(config.sensing, mapping.segmentation),
      table_(config.softmax.format, head.score_scale, sensing_) {}

void HeadFunction::compute(std::uint32_t first, std::uint32_t last, HeadResults& results) const {
  std::vector<std::uint32_t> matches(mapping_.rows);
  std::vector<std::int32_t> scores(mapping_.rows);
  std::vector<Candidate> selection;
  std::vector<float> weights;
  std::vector<float> output(head_.value_dim);
  for (std::uint32_t query = first; query != last; ++query) {
    const ValidKeys valid = head_.valid(query);
    selection.clear();
    for (std::uint32_t tile = 0; tile < mapping_.tiles; ++tile) {
      const std::uint32_t first_key = mapping_.first_key(tile);
      const std::uint32_t keys = mapping_.keys_in(tile);
      if (!valid.any(first_key, first_key + keys)) continue;
      std::fill(scores.begin(), scores.end(), 0);
      for (std::uint32_t segment = 0; segment < mapping_.segmentation.segments(); ++segment) {
        count_matches(head_.query_bits, query, head_.key_bits, first_key, keys, segment, matches.data());
        for (std::uint32_t i = 0; i < keys; ++i) {
          scores[i] += sensing_.score(segment, sensing_.code(segment, matches[i]));
        }
      }
      best_of_tile({scores.data(), keys}, first_key, valid, tile_k_, selection);
    }
    keep_best(selection, n_);
    weights.resize(selection.size());
    const float sum = exponentiate(table_, selection, weights);
    divide(softmax_format_, sum, weights);
    std::fill(output.begin(), output.end(), 0.0f);
    for (std::size_t i = 0; i < selection.size(); ++i) {
      accumulate_value(weights[i], head_.value_row(selection[i].key), output);
    }
    results.add(selection, output);
  }
}

}  // namespace capcam::fast
