// SPDX-License-Identifier: Apache-2.0
#include "stats/accuracy.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "stats/reference.h"

namespace capcam {

// What both references need of a key/value head; query heads of a group share it.
struct AccuracyMeter::LoadedHead {
  HeadId id;
  ReferenceKeys keys;
  ExpTable table;
};

namespace {

constexpr std::size_t loaded_heads_limit = 16;

double norm(std::span<const double> values) {
  double sum = 0.0;
  for (const double value : values) sum += value * value;
  return std::sqrt(sum);
}

double norm(std::span<const float> values) {
  double sum = 0.0;
  for (const double value : values) sum += value * value;
  return std::sqrt(sum);
}

// The share of `best` among the kept keys (sorted).
double recall(std::span<const std::uint32_t> kept, std::span<const std::uint32_t> best) {
  const auto found = std::count_if(
      best.begin(), best.end(), [&](std::uint32_t key) { return std::binary_search(kept.begin(), kept.end(), key); });
  return static_cast<double>(found) / static_cast<double>(best.size());
}

}  // namespace

double cosine(std::span<const float> output, std::span<const double> reference) {
  const double lengths = norm(output) * norm(reference);
  if (lengths == 0.0) return norm(output) == norm(reference) ? 1.0 : 0.0;
  double dot = 0.0;
  for (std::size_t i = 0; i < output.size(); ++i) dot += output[i] * reference[i];
  return std::clamp(dot / lengths, -1.0, 1.0);  // rounding may step past the ends by an ulp
}

double relative_l2(std::span<const float> output, std::span<const double> reference) {
  const double length = norm(reference);
  if (length == 0.0) return norm(output) == 0.0 ? 0.0 : 1.0;
  double sum = 0.0;
  for (std::size_t i = 0; i < output.size(); ++i) sum += (output[i] - reference[i]) * (output[i] - reference[i]);
  return std::sqrt(sum) / length;
}

AccuracyMeter::AccuracyMeter(const Workload& workload, const Config& config, double share)
    : workload_(&workload), config_(config), share_(share), heads_(workload.head_count()) {}

std::shared_ptr<const AccuracyMeter::LoadedHead> AccuracyMeter::load(std::uint32_t head) {
  const HeadId id = workload_->id(head);
  auto found = std::find_if(loaded_.begin(), loaded_.end(), [&](const auto& loaded) {
    return loaded->id.layer == id.layer && loaded->id.batch == id.batch && loaded->id.kv_head == id.kv_head;
  });
  if (found == loaded_.end()) {
    if (loaded_.size() == std::min<std::size_t>(config_.accelerator.cores, loaded_heads_limit)) loaded_.pop_back();
    ReferenceKeys keys = read_reference_keys(workload_->trace(), id);
    ExpTable table = ideal_exp_table(keys.head_dim, workload_->score_scale(id.layer));
    loaded_.push_back(std::make_shared<const LoadedHead>(LoadedHead{id, std::move(keys), std::move(table)}));
    found = loaded_.end() - 1;
  }
  std::rotate(loaded_.begin(), found, found + 1);
  return loaded_.front();
}

void AccuracyMeter::take(const QueryResult& result) {
  if (result.selection.empty()) {
    ++empty_queries_;
    return;
  }
  const Trace& trace = workload_->trace();
  const auto index = static_cast<double>(result.head * trace.shape.queries + result.query);
  if (!(std::floor((index + 1.0) * share_) > std::floor(index * share_))) return;

  const std::shared_ptr<const LoadedHead> head = load(result.head);
  const HeadId id = workload_->id(result.head);
  const ValidKeyRule rule = workload_->valid_keys(id);
  const ValidKeys valid = rule(result.query);
  const std::vector<float> query = read_query(trace, id, result.query);
  const ReferenceResult exact = exact_attention(head->keys, query, workload_->scale(), valid, config_.top_n.n);
  const ReferenceResult ideal = ideal_attention(head->keys, query, head->table, valid, config_.top_n.n);
  if (exact.best.empty()) throw LawBroken("AccuracyMeter: keys were kept for a query that has no valid key");

  std::vector<std::uint32_t> kept;
  for (const Candidate& candidate : result.selection) kept.push_back(candidate.key);
  std::sort(kept.begin(), kept.end());
  HeadSums& sums = heads_[result.head];
  ++sums.queries;
  sums.recall_exact += recall(kept, exact.best);
  sums.cosine_exact += cosine(result.output, exact.output);
  sums.l2_exact += relative_l2(result.output, exact.output);
  sums.recall_ideal += recall(kept, ideal.best);
  sums.cosine_ideal += cosine(result.output, ideal.output);
  sums.l2_ideal += relative_l2(result.output, ideal.output);
}

void AccuracyMeter::merge(const AccuracyMeter& other) {
  empty_queries_ += other.empty_queries_;
  for (std::size_t i = 0; i < heads_.size(); ++i) {
    HeadSums& sums = heads_[i];
    const HeadSums& more = other.heads_[i];
    sums.queries += more.queries;
    sums.recall_exact += more.recall_exact;
    sums.cosine_exact += more.cosine_exact;
    sums.l2_exact += more.l2_exact;
    sums.recall_ideal += more.recall_ideal;
    sums.cosine_ideal += more.cosine_ideal;
    sums.l2_ideal += more.l2_ideal;
  }
}

Accuracy AccuracyMeter::result() const {
  Accuracy accuracy;
  accuracy.share = share_;
  accuracy.empty_queries = empty_queries_;
  AccuracyFigures& exact = accuracy.exact;
  AccuracyFigures& ideal = accuracy.ideal;
  for (const HeadSums& sums : heads_) {
    if (sums.queries == 0) continue;
    const auto queries = static_cast<double>(sums.queries);
    const bool first = accuracy.measured_queries == 0;
    exact.worst_head_cosine = std::min(first ? 1.0 : exact.worst_head_cosine, sums.cosine_exact / queries);
    ideal.worst_head_cosine = std::min(first ? 1.0 : ideal.worst_head_cosine, sums.cosine_ideal / queries);
    accuracy.measured_queries += sums.queries;
    exact.selection_recall += sums.recall_exact;
    exact.cosine += sums.cosine_exact;
    exact.relative_l2 += sums.l2_exact;
    ideal.selection_recall += sums.recall_ideal;
    ideal.cosine += sums.cosine_ideal;
    ideal.relative_l2 += sums.l2_ideal;
  }
  if (accuracy.measured_queries == 0) return accuracy;
  for (AccuracyFigures* figures : {&exact, &ideal}) {
    figures->selection_recall /= static_cast<double>(accuracy.measured_queries);
    figures->cosine /= static_cast<double>(accuracy.measured_queries);
    figures->relative_l2 /= static_cast<double>(accuracy.measured_queries);
  }
  return accuracy;
}

}  // namespace capcam
