// SPDX-License-Identifier: Apache-2.0
#include "stats/ideal_attention.h"

#include <algorithm>
#include <utility>

#include "kernels/selection.h"
#include "kernels/sensing.h"
#include "kernels/simd/accumulate.h"

namespace capcam {
namespace {

Sensing ideal_sensing(const Segmentation& segmentation) {
  Config ideal;
  ideal.sensing.kind = "ideal";
  return Sensing(ideal, segmentation);
}

template <class Level>
const Level* as(const std::vector<std::uint8_t>& levels) {
  return reinterpret_cast<const Level*>(levels.data());
}

}  // namespace

IdealAttention::IdealAttention(BitRows key_bits, const ReferenceKeys& values, double score_scale, std::uint32_t n)
    : values_(values),
      key_bits_(std::move(key_bits)),
      n_(n),
      table_(NumberFormat::fp32, score_scale, ideal_sensing(key_bits_.segmentation())) {
  const Sensing sensing = ideal_sensing(key_bits_.segmentation());
  if (simd::Searcher::can(sensing, 1, 0)) searcher_.emplace(key_bits_, sensing, 1, 0, n);
}

void IdealAttention::select(const BitRows& query_bits, std::uint32_t query, const ValidKeys& valid,
                            Result& result) const {
  result.first_ = valid.begin();
  result.last_ = std::max(valid.begin(), valid.end());
  if (!searcher_) return select_plainly(query_bits, query, valid, result);
  searcher_->search(query_bits, query, valid, result.search_);
  std::swap(result.matches, result.search_.level);
  std::swap(result.keys, result.search_.key);
  result.level_bytes_ = searcher_->wide() ? 2 : 1;
}

void IdealAttention::select_plainly(const BitRows& query_bits, std::uint32_t query, const ValidKeys& valid,
                                    Result& result) const {
  result.level_bytes_ = 4;
  result.search_.levels.resize(result.last_ * sizeof(std::uint32_t));
  auto* levels = reinterpret_cast<std::uint32_t*>(result.search_.levels.data());
  count_matches(query_bits, query, key_bits_, result.first_, result.last_ - result.first_, 0, levels + result.first_);
  std::vector<Candidate> selection;
  for (std::uint32_t key = result.first_; key < result.last_; ++key) {
    if (valid(key)) selection.push_back({static_cast<std::int32_t>(levels[key]), key});
    levels[key] = valid(key) ? levels[key] + 1 : 0;
  }
  keep_best(selection, n_);
  result.matches.clear();
  result.keys.clear();
  for (const Candidate& candidate : selection) {
    result.matches.push_back(static_cast<std::uint32_t>(candidate.score));
    result.keys.push_back(candidate.key);
  }
}

std::uint32_t IdealAttention::Result::level(std::uint32_t key) const {
  if (level_bytes_ == 1) return search_.levels[key];
  return level_bytes_ == 2 ? as<std::uint16_t>(search_.levels)[key] : as<std::uint32_t>(search_.levels)[key];
}

void IdealAttention::Result::count_levels(LevelCounts& counts) const {
  const std::size_t count = last_ - first_;
  if (count == 0) return;
  const std::vector<std::uint8_t>& levels = search_.levels;
  if (level_bytes_ == 1) counts.add(std::span(levels.data() + first_, count));
  if (level_bytes_ == 2) counts.add(std::span(as<std::uint16_t>(levels) + first_, count));
  if (level_bytes_ == 4) counts.add(std::span(as<std::uint32_t>(levels) + first_, count));
}

void IdealAttention::attend(const BitRows& query_bits, std::uint32_t query, const ValidKeys& valid,
                            Result& result) const {
  select(query_bits, query, valid, result);
  result.weights_.resize(result.keys.size());
  float sum = 0.0f;
  for (std::size_t i = 0; i < result.keys.size(); ++i) {
    result.weights_[i] = table_.at_step(result.matches.front() - result.matches[i]);
    sum += result.weights_[i];
  }
  divide(NumberFormat::fp32, sum, result.weights_);
  result.output.resize(values_.value_stride);
  simd::accumulate_values(result.weights_, result.keys, values_.values.data(), result.output);
  result.output.resize(values_.value_dim);
}

double IdealAttention::Result::recall(std::span<const Candidate> kept) const {
  const std::uint32_t worst_level = matches.back() + 1, worst_key = keys.back();
  const auto found = std::count_if(kept.begin(), kept.end(), [&](const Candidate& candidate) {
    const std::uint32_t of_key = level(candidate.key);
    return of_key > worst_level || (of_key == worst_level && candidate.key <= worst_key);
  });
  return static_cast<double>(found) / static_cast<double>(keys.size());
}

}  // namespace capcam
