// SPDX-License-Identifier: Apache-2.0
#include "stats/accuracy_meter.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "kernels/sensing.h"

namespace capcam {

AccuracyMeter::AccuracyMeter(const Workload& workload, const Config& config, double share)
    : workload_(workload),
      n_(config.top_n.n),
      share_(share),
      sample_(workload.head_count(), static_cast<std::uint32_t>(workload.trace().shape.queries), share),
      block_queries_(ExactAttention::block_queries(std::min<std::uint64_t>(n_, workload.trace().shape.keys))),
      heads_(workload.head_count()),
      measured_(workload, config) {
  const auto head_dim = static_cast<std::uint32_t>(workload.trace().shape.head_dim);
  scores_per_match_ = Sensing(config, {head_dim, config.array.columns}).scores_per_match();
  ScoreHistogram none;
  none.bins.resize(head_dim + 1);
  scores_.assign(workload.trace().layers.size(), none);
}

void AccuracyMeter::examine(const QueryResult& result) { put(result); }

void AccuracyMeter::take(const QueryResult& result) {
  if (result.selection.empty()) ++empty_queries_;
  put(result);
}

// Does nothing with a result that was put before.
void AccuracyMeter::put(const QueryResult& result) {
  const std::optional<std::uint32_t> place = sample_.place(result.head, result.query);
  if (!place) return;
  Head& head = heads_[result.head];
  const std::uint32_t count = sample_.count(result.head), number = *place / block_queries_;
  std::shared_ptr<QueryBlock> block;
  {
    const std::lock_guard lock(head.mutex);
    if (head.put.empty()) head.put.resize(count);
    if (head.put[*place]) return;
    head.put[*place] = true;
    std::shared_ptr<QueryBlock>& open = head.open[number];
    if (!open) {
      const TraceShape& shape = workload_.trace().shape;
      open = std::make_shared<QueryBlock>(std::min(block_queries_, count - number * block_queries_),
                                          std::min(n_, static_cast<std::uint32_t>(shape.keys)),
                                          static_cast<std::uint32_t>(shape.value_dim));
    }
    block = open;
  }
  if (!block->put(*place % block_queries_, result)) return;
  compare(result.head, number, *block);
  const std::lock_guard lock(head.mutex);
  head.open.erase(number);
}

void AccuracyMeter::compare(std::uint32_t index, std::uint32_t number, const QueryBlock& results) {
  std::unique_ptr<BlockAccuracy> worker;
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      worker = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  if (!worker) worker = std::make_unique<BlockAccuracy>(workload_, n_, scores_per_match_);
  std::vector<std::uint32_t> queries(results.size());
  for (std::uint32_t i = 0; i < results.size(); ++i) queries[i] = sample_.query(index, number * block_queries_ + i);
  const HeadId id = workload_.id(index);
  const AccuracySums sums = worker->compare(*measured_.find(id), id, queries, results);
  {
    Head& head = heads_[index];
    const std::lock_guard lock(head.mutex);
    if (head.sums.empty()) head.sums.resize((sample_.count(index) + block_queries_ - 1) / block_queries_);
    head.sums[number] = sums;
  }
  const std::lock_guard lock(mutex_);
  if (sums.queries > 0) scores_[id.layer].add(worker->scores());
  idle_.push_back(std::move(worker));
}

Accuracy AccuracyMeter::result() {
  Accuracy accuracy;
  accuracy.share = share_;
  accuracy.empty_queries = empty_queries_;
  accuracy.scores_per_match = scores_per_match_;
  AccuracySums all;
  double worst_exact = 1.0, worst_ideal = 1.0;
  for (std::uint32_t index = 0; index < heads_.size(); ++index) {
    Head& head = heads_[index];
    for (const auto& [number, block] : std::exchange(head.open, {})) compare(index, number, *block);
    HeadAccuracy& figures = accuracy.heads.emplace_back();
    AccuracySums sums;
    for (const AccuracySums& block : head.sums) sums.add(block);
    if (sums.queries == 0) continue;
    figures = {sums.queries, sums.exact.means(sums.queries), sums.ideal.means(sums.queries)};
    worst_exact = std::min(worst_exact, figures.exact->worst_head_cosine);
    worst_ideal = std::min(worst_ideal, figures.ideal->worst_head_cosine);
    all.add(sums);
  }
  accuracy.scores = scores_;
  accuracy.measured_queries = all.queries;
  if (all.queries == 0) return accuracy;
  const std::uint64_t comparable = workload_.trace().head_queries() - empty_queries_;
  accuracy.exact = all.exact.means(all.queries);
  accuracy.ideal = all.ideal.means(all.queries);
  accuracy.exact->worst_head_cosine = worst_exact;
  accuracy.ideal->worst_head_cosine = worst_ideal;
  accuracy.exact_error = all.exact.standard_errors(all.queries, comparable);
  accuracy.ideal_error = all.ideal.standard_errors(all.queries, comparable);
  return accuracy;
}

}  // namespace capcam
