// SPDX-License-Identifier: Apache-2.0
#include "stats/block_accuracy.h"

#include <algorithm>
#include <utility>

#include "capcam/error.h"

namespace capcam {

MeasuredHead::MeasuredHead(const Workload& workload, const HeadId& id, std::uint32_t n)
    : MeasuredHead(workload, id, n, {}) {}

MeasuredHead::MeasuredHead(const Workload& workload, const HeadId& id, std::uint32_t n, BitRows key_bits)
    : keys(read_reference_keys(workload.trace(), id, &key_bits)),
      ideal(std::move(key_bits), keys, workload.score_scale(id.layer), n) {}

BlockAccuracy::BlockAccuracy(const Workload& workload, std::uint32_t n, std::int32_t scores_per_match)
    : workload_(workload),
      n_(n),
      scores_per_match_(scores_per_match),
      levels_(static_cast<std::uint32_t>(workload.trace().shape.head_dim) + 1) {
  scores_.bins.resize(workload.trace().shape.head_dim + 1);
}

AccuracySums BlockAccuracy::compare(const MeasuredHead& head, const HeadId& id, std::span<const std::uint32_t> queries,
                                    const QueryBlock& block) {
  std::fill(scores_.bins.begin(), scores_.bins.end(), ScoreHistogram::Bin{});
  places_.clear();
  queries_.clear();
  valid_.clear();
  const ValidKeyRule rule = workload_.valid_keys(id);
  for (std::uint32_t place = 0; place < block.size(); ++place) {
    if (block.selection(place).empty()) continue;
    const ValidKeys valid = rule(queries[place]);
    if (!valid.any(valid.begin(), valid.end()))
      throw LawBroken("AccuracyMeter: keys were kept for a query that has no valid key");
    places_.push_back(place);
    queries_.push_back(queries[place]);
    valid_.push_back(valid);
  }
  AccuracySums sums;
  sums.queries = places_.size();
  if (places_.empty()) return sums;

  const std::uint32_t head_dim = head.keys.head_dim;
  const std::vector<float> rows = read_queries(workload_.trace(), id, queries_);
  BitRows bits({head_dim, head_dim}, static_cast<std::uint32_t>(queries_.size()));
  for (std::uint32_t i = 0; i < bits.rows(); ++i)
    bits.pack(i, std::span(rows).subspan(std::size_t{i} * head_dim, head_dim));
  exact_.attend(head.keys, rows, valid_, workload_.scale(id.layer), n_);
  for (std::uint32_t i = 0; i < bits.rows(); ++i) {
    const std::span<const Candidate> kept = block.selection(places_[i]);
    const std::span<const float> output = block.output(places_[i]);
    sums.exact.add(exact_.recall(i, kept), closeness(output, exact_.output(i)));
    head.ideal.attend(bits, i, valid_[i], ideal_);
    sums.ideal.add(ideal_.recall(kept), closeness(output, std::span<const float>(ideal_.output)));
    count_scores(kept);
  }
  levels_.take([&](std::size_t level, std::uint64_t count) {
    if (level > 0) scores_.bins[level - 1].valid += count;  // level 0 is not valid
  });
  return sums;
}

// Adds the figures of the query that ideal_ holds.
void BlockAccuracy::count_scores(std::span<const Candidate> kept) {
  ideal_.count_levels(levels_);
  for (const Candidate& candidate : kept) {
    const std::uint32_t matching = ideal_.level(candidate.key) - 1;
    scores_.bins[matching].keep(candidate.score - std::int64_t{matching} * scores_per_match_);
  }
}

}  // namespace capcam
