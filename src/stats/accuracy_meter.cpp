// SPDX-License-Identifier: Apache-2.0
#include "stats/accuracy_meter.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "capcam/error.h"
#include "kernels/sensing.h"
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
    : workload_(&workload), config_(config), share_(share), picked_share_(share), heads_(workload.head_count()) {
  const auto queries = static_cast<double>(heads_.size() * workload.trace().shape.queries);
  // The next number above, because n * (1 / n) may be less than 1.
  if (share > 0.0 && share * queries < 1.0) picked_share_ = std::min(1.0, std::nextafter(1.0 / queries, 1.0));
  const auto head_dim = static_cast<std::uint32_t>(workload.trace().shape.head_dim);
  scores_per_match_ = Sensing(config.sensing, {head_dim, config.array.columns}).scores_per_match();
  ScoreHistogram none;
  none.bins.resize(head_dim + 1);
  scores_.assign(workload.trace().layers.size(), none);
}

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

AccuracyFigures AccuracyMeter::Figures::exact(double queries) const {
  return {recall_exact / queries, cosine_exact / queries, l2_exact / queries, cosine_exact / queries};
}

AccuracyFigures AccuracyMeter::Figures::ideal(double queries) const {
  return {recall_ideal / queries, cosine_ideal / queries, l2_ideal / queries, cosine_ideal / queries};
}

std::uint64_t AccuracyMeter::index(const QueryResult& result) const {
  return result.head * workload_->trace().shape.queries + result.query;
}

bool AccuracyMeter::picked(const QueryResult& result) const {
  const auto i = static_cast<double>(index(result));
  return !result.selection.empty() && std::floor((i + 1.0) * picked_share_) > std::floor(i * picked_share_);
}

AccuracyMeter::Figures AccuracyMeter::compare(const QueryResult& result) {
  const Trace& trace = workload_->trace();
  const std::shared_ptr<const LoadedHead> head = load(result.head);
  const HeadId id = workload_->id(result.head);
  const ValidKeyRule rule = workload_->valid_keys(id);
  const ValidKeys valid = rule(result.query);
  const std::vector<float> query = read_query(trace, id, result.query);
  const ReferenceResult exact = exact_attention(head->keys, query, workload_->scale(id.layer), valid, config_.top_n.n);
  const ReferenceResult ideal = ideal_attention(head->keys, query, head->table, valid, config_.top_n.n);
  if (exact.best.empty()) throw LawBroken("AccuracyMeter: keys were kept for a query that has no valid key");

  count_scores(result, ideal.matches, valid);
  std::vector<std::uint32_t> kept;
  for (const Candidate& candidate : result.selection) kept.push_back(candidate.key);
  std::sort(kept.begin(), kept.end());
  return {recall(kept, exact.best), cosine(result.output, exact.output), relative_l2(result.output, exact.output),
          recall(kept, ideal.best), cosine(result.output, ideal.output), relative_l2(result.output, ideal.output)};
}

// `matches` of the keys from valid.begin() on.
void AccuracyMeter::count_scores(const QueryResult& result, std::span<const std::uint32_t> matches,
                                 const ValidKeys& valid) {
  ScoreHistogram& layer = scores_[workload_->id(result.head).layer];
  ScoreHistogram query;
  query.bins.resize(layer.bins.size());
  for (std::uint32_t i = 0; i < matches.size(); ++i) {
    if (valid(valid.begin() + i)) ++query.bins[matches[i]].valid;
  }
  for (const Candidate& candidate : result.selection) {
    const std::uint32_t matching = matches[candidate.key - valid.begin()];
    query.bins[matching].keep(candidate.score - std::int64_t{matching} * scores_per_match_);
  }
  const std::lock_guard lock(mutex_);
  layer.add(query);
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
  accuracy.scores_per_match = scores_per_match_;
  accuracy.scores = scores_;
  Figures all;
  double worst_exact = 1.0, worst_ideal = 1.0;
  for (const HeadSums& sums : heads_) {
    HeadAccuracy& head = accuracy.heads.emplace_back();
    if (sums.queries == 0) continue;
    const auto queries = static_cast<double>(sums.queries);
    head = {sums.queries, sums.sum.exact(queries), sums.sum.ideal(queries)};
    worst_exact = std::min(worst_exact, head.exact.worst_head_cosine);
    worst_ideal = std::min(worst_ideal, head.ideal.worst_head_cosine);
    accuracy.measured_queries += sums.queries;
    all.add(sums.sum);
  }
  if (accuracy.measured_queries == 0) return accuracy;
  const auto queries = static_cast<double>(accuracy.measured_queries);
  accuracy.exact = all.exact(queries);
  accuracy.ideal = all.ideal(queries);
  accuracy.exact.worst_head_cosine = worst_exact;
  accuracy.ideal.worst_head_cosine = worst_ideal;
  return accuracy;
}

}  // namespace capcam
