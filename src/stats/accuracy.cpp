// SPDX-License-Identifier: Apache-2.0
#include "stats/accuracy.h"

#include <algorithm>
#include <cmath>
#include <optional>

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
  const std::lock_guard lock(mutex_);
  auto found = std::find_if(loaded_.begin(), loaded_.end(), [&](const auto& loaded) {
    return loaded->id.layer == id.layer && loaded->id.batch == id.batch && loaded->id.kv_head == id.kv_head;
  });
  if (found == loaded_.end()) {
    if (loaded_.size() == std::clamp<std::size_t>(config_.accelerator.cores, 2, loaded_heads_limit)) loaded_.pop_back();
    ReferenceKeys keys = read_reference_keys(workload_->trace(), id);
    ExpTable table = ideal_exp_table(keys.head_dim, workload_->score_scale(id.layer));
    loaded_.push_back(std::make_shared<const LoadedHead>(LoadedHead{id, std::move(keys), std::move(table)}));
    found = loaded_.end() - 1;
  }
  std::rotate(loaded_.begin(), found, found + 1);
  return loaded_.front();
}

void AccuracyMeter::Figures::add(const Figures& other) {
  recall_exact += other.recall_exact;
  cosine_exact += other.cosine_exact;
  l2_exact += other.l2_exact;
  recall_ideal += other.recall_ideal;
  cosine_ideal += other.cosine_ideal;
  l2_ideal += other.l2_ideal;
}

std::uint64_t AccuracyMeter::index(const QueryResult& result) const {
  return result.head * workload_->trace().shape.queries + result.query;
}

bool AccuracyMeter::picked(const QueryResult& result) const {
  const auto i = static_cast<double>(index(result));
  return !result.selection.empty() && std::floor((i + 1.0) * share_) > std::floor(i * share_);
}

AccuracyMeter::Figures AccuracyMeter::compare(const QueryResult& result) {
  const Trace& trace = workload_->trace();
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
  return {recall(kept, exact.best), cosine(result.output, exact.output), relative_l2(result.output, exact.output),
          recall(kept, ideal.best), cosine(result.output, ideal.output), relative_l2(result.output, ideal.output)};
}

void AccuracyMeter::examine(const QueryResult& result) {
  if (!picked(result)) return;
  const Figures figures = compare(result);
  const std::lock_guard lock(mutex_);
  examined_.emplace(index(result), figures);
}

// Summed up in the order of take(), so that the means do not depend on threads.
void AccuracyMeter::take(const QueryResult& result) {
  if (result.selection.empty()) ++empty_queries_;
  if (!picked(result)) return;
  std::optional<Figures> figures;
  {
    const std::lock_guard lock(mutex_);
    if (auto node = examined_.extract(index(result))) figures = node.mapped();
  }
  HeadSums& head = heads_[result.head];
  ++head.queries;
  head.sum.add(figures ? *figures : compare(result));
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
    exact.worst_head_cosine = std::min(first ? 1.0 : exact.worst_head_cosine, sums.sum.cosine_exact / queries);
    ideal.worst_head_cosine = std::min(first ? 1.0 : ideal.worst_head_cosine, sums.sum.cosine_ideal / queries);
    accuracy.measured_queries += sums.queries;
    exact.selection_recall += sums.sum.recall_exact;
    exact.cosine += sums.sum.cosine_exact;
    exact.relative_l2 += sums.sum.l2_exact;
    ideal.selection_recall += sums.sum.recall_ideal;
    ideal.cosine += sums.sum.cosine_ideal;
    ideal.relative_l2 += sums.sum.l2_ideal;
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
