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
  SensingParams ideal;
  ideal.kind = SensingKind::ideal;
  return Sensing(ideal, segmentation);
}

template <class Level>
void widen(const std::vector<std::uint8_t>& levels, std::uint32_t first, std::vector<std::uint32_t>& out) {
  const auto* from = reinterpret_cast<const Level*>(levels.data()) + first;
  std::copy(from, from + out.size(), out.begin());
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
  result.first_key = valid.begin();
  result.levels.resize(valid.end() - valid.begin());
  if (!searcher_) return select_plainly(query_bits, query, valid, result);
  searcher_->search(query_bits, query, valid, result.search);
  std::swap(result.matches, result.search.level);
  std::swap(result.keys, result.search.key);
  if (result.levels.empty()) return;
  if (searcher_->wide()) {
    widen<std::uint16_t>(result.search.levels, result.first_key, result.levels);
  } else {
    widen<std::uint8_t>(result.search.levels, result.first_key, result.levels);
  }
}

void IdealAttention::select_plainly(const BitRows& query_bits, std::uint32_t query, const ValidKeys& valid,
                                    Result& result) const {
  std::vector<std::uint32_t>& levels = result.levels;
  count_matches(query_bits, query, key_bits_, valid.begin(), static_cast<std::uint32_t>(levels.size()), 0,
                levels.data());
  std::vector<Candidate> selection;
  for (std::uint32_t i = 0; i < levels.size(); ++i) {
    const std::uint32_t key = valid.begin() + i;
    if (valid(key)) selection.push_back({static_cast<std::int32_t>(levels[i]), key});
    levels[i] = valid(key) ? levels[i] + 1 : 0;
  }
  keep_best(selection, n_);
  result.matches.clear();
  result.keys.clear();
  for (const Candidate& candidate : selection) {
    result.matches.push_back(static_cast<std::uint32_t>(candidate.score));
    result.keys.push_back(candidate.key);
  }
}

void IdealAttention::attend(const BitRows& query_bits, std::uint32_t query, const ValidKeys& valid,
                            Result& result) const {
  select(query_bits, query, valid, result);
  result.weights.resize(result.keys.size());
  float sum = 0.0f;
  for (std::size_t i = 0; i < result.keys.size(); ++i) {
    result.weights[i] = table_.at_step(result.matches.front() - result.matches[i]);
    sum += result.weights[i];
  }
  divide(NumberFormat::fp32, sum, result.weights);
  result.output.resize(values_.value_stride);
  simd::accumulate_values(result.weights, result.keys, values_.values.data(), result.output);
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
