// SPDX-License-Identifier: Apache-2.0
#include "stats/block_accuracy.h"

#include <algorithm>

#include "capcam/error.h"

namespace capcam {
namespace {

constexpr std::size_t counters = 4;  // neighbours in time do not wait for each other's addition

}  // namespace

MeasuredHead::MeasuredHead(const Workload& workload, const HeadId& id, std::uint32_t n)
    : keys(read_reference_keys(workload.trace(), id)),
      ideal(read_key_bits(workload.trace(), id), keys, workload.score_scale(id.layer), n) {}

BlockAccuracy::BlockAccuracy(const Workload& workload, std::uint32_t n, std::int32_t scores_per_match)
    : workload_(workload), n_(n), scores_per_match_(scores_per_match) {
  scores_.bins.resize(workload.trace().shape.head_dim + 1);
  valid_counts_.resize(counters * (scores_.bins.size() + 1));
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
  exact_.score(head.keys, rows, valid_, workload_.scale());
  exact_.attend(head.keys);
  for (std::uint32_t i = 0; i < bits.rows(); ++i) {
    const std::span<const Candidate> kept = block.selection(places_[i]);
    const std::span<const float> output = block.output(places_[i]);
    sums.exact.add(exact_.recall(i, kept, n_), closeness(output, exact_.output(i)));
    head.ideal.attend(bits, i, valid_[i], ideal_);
    sums.ideal.add(ideal_.recall(kept), closeness(output, std::span<const float>(ideal_.output)));
    count_scores(kept);
  }
  finish_scores();
  return sums;
}

void BlockAccuracy::count_scores(std::span<const Candidate> kept) {
  const std::vector<std::uint32_t>& levels = ideal_.levels;
  const std::size_t stride = scores_.bins.size() + 1;
  std::uint32_t* counts = valid_counts_.data();
  std::size_t i = 0;
  for (; i + counters <= levels.size(); i += counters) {
    ++counts[levels[i]];
    ++counts[stride + levels[i + 1]];
    ++counts[2 * stride + levels[i + 2]];
    ++counts[3 * stride + levels[i + 3]];
  }
  for (; i < levels.size(); ++i) ++counts[levels[i]];
  for (const Candidate& candidate : kept) {
    const std::uint32_t matching = ideal_.level(candidate.key) - 1;
    scores_.bins[matching].keep(candidate.score - std::int64_t{matching} * scores_per_match_);
  }
}

// A block's keys are fewer than 2^32: at most 64 queries, and 8 of more than 2^14 keys.
void BlockAccuracy::finish_scores() {
  const std::size_t stride = scores_.bins.size() + 1;
  for (std::size_t matching = 0; matching < scores_.bins.size(); ++matching) {
    for (std::size_t counter = 0; counter < counters; ++counter) {
      std::uint32_t& count = valid_counts_[counter * stride + matching + 1];
      scores_.bins[matching].valid += count;
      count = 0;
    }
  }
}

}  // namespace capcam
