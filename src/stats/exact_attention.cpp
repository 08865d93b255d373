// SPDX-License-Identifier: Apache-2.0
#include "stats/exact_attention.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "capcam/error.h"

namespace capcam {
namespace {

using simd::key_tile;

constexpr std::uint64_t block_scores = std::uint64_t{1} << 22;  // 32 MiB
constexpr std::size_t piece_keys = 1024;  // keys whose scores stay in the cache until they are used
constexpr std::uint32_t most_queries = 64, least_queries = 8;
constexpr double nothing = -std::numeric_limits<double>::infinity();

// Sums in a fixed order.
double sum_of(std::span<const double> parts) {
  double sum = 0.0;
  for (const double part : parts) sum += part;
  return sum;
}

}  // namespace

std::uint32_t ExactAttention::block_queries(std::uint64_t keys) {
  return static_cast<std::uint32_t>(
      std::clamp<std::uint64_t>(block_scores / std::max<std::uint64_t>(keys, 1), least_queries, most_queries));
}

void ExactAttention::begin(const ReferenceKeys& head, std::span<const ValidKeys> valid) {
  valid_.assign(valid.begin(), valid.end());
  value_dim_ = head.value_dim;
  value_stride_ = head.value_stride;
  std::uint32_t first = head.keys, last = 0;
  for (const ValidKeys& keys : valid) {
    if (keys.begin() >= keys.end()) continue;
    first = std::min(first, keys.begin());
    last = std::max(last, keys.end());
  }
  first_key_ = first / key_tile * key_tile;
  stride_ = last <= first ? 0 : (last - first_key_ + key_tile - 1) / key_tile * key_tile;
  row_ = stride_ + 8;  // a cache line
  scores_.resize(valid.size() * row_);
}

// The keys from first_key_ + first to first_key_ + last, multiples of key_tile.
void ExactAttention::score_keys(const ReferenceKeys& head, std::span<const float> queries, double scale,
                                std::size_t first, std::size_t last) {
  const auto panel = [&](std::size_t place) {
    return std::min(static_cast<std::uint32_t>((first_key_ + place) / simd::Panels::width), head.rows.panels());
  };
  simd::dot_products(head.rows, panel(first), panel(last), queries, scale, scores_.data() + first, row_, dot_scratch_);
  for (std::size_t i = 0; i < valid_.size(); ++i) clear_invalid(i, first, last);
}

void ExactAttention::clear_invalid(std::size_t i, std::size_t first, std::size_t last) {
  double* scores = scores_.data() + i * row_;
  const ValidKeys valid =
      valid_[i].within(static_cast<std::uint32_t>(first_key_ + first), static_cast<std::uint32_t>(first_key_ + last));
  if (valid.begin() == valid.end()) {
    std::fill(scores + first, scores + last, nothing);
    return;
  }
  std::fill(scores + first, scores + (valid.begin() - first_key_), nothing);
  std::fill(scores + (valid.end() - first_key_), scores + last, nothing);
  valid.for_each_masked([&](std::uint32_t key) { scores[key - first_key_] = nothing; });
}

void ExactAttention::score(const ReferenceKeys& head, std::span<const float> queries, std::span<const ValidKeys> valid,
                           double scale) {
  begin(head, valid);
  if (stride_ > 0) score_keys(head, queries, scale, 0, stride_);
}

void ExactAttention::attend(const ReferenceKeys& head, std::span<const float> queries, std::span<const ValidKeys> valid,
                            double scale) {
  begin(head, valid);
  outputs_.assign(valid_.size() * value_stride_, 0.0);
  weight_sums_.assign(valid_.size() * simd::value_lanes, 0.0);
  weights_.resize(valid_.size() * key_tile);
  tops_.assign(valid_.size(), nothing);
  // Pieces begin at the same keys for every block, so that a query's sums do not depend on the others.
  for (std::size_t first = 0; first < stride_;) {
    const std::size_t last = std::min<std::size_t>(stride_, first + piece_keys - (first_key_ + first) % piece_keys);
    score_keys(head, queries, scale, first, last);
    for (std::size_t i = 0; i < valid_.size(); ++i) raise_top(i, first, last);
    for (; first < last; first += key_tile) add_values(head, first, first + key_tile);
  }
  divide();
}

// Tops are whole, so sums are scaled by powers of 2, exactly: the result is that of a top known from the beginning.
void ExactAttention::raise_top(std::size_t i, std::size_t first, std::size_t last) {
  const double top = std::nearbyint(simd::largest(scores(i).subspan(first, last - first)) * std::numbers::log2e);
  if (top <= tops_[i]) return;
  const double factor = tops_[i] == nothing ? 0.0 : std::exp2(tops_[i] - top);
  tops_[i] = top;
  double* sums = weight_sums_.data() + i * simd::value_lanes;
  for (std::size_t lane = 0; lane < simd::value_lanes; ++lane) sums[lane] *= factor;
  double* output = outputs_.data() + i * value_stride_;
  for (std::size_t d = 0; d < value_stride_; ++d) output[d] *= factor;
}

// Of one tile of keys.
void ExactAttention::add_values(const ReferenceKeys& head, std::size_t first, std::size_t last) {
  for (std::size_t i = 0; i < valid_.size(); ++i) {
    float* weights = weights_.data() + i * key_tile;
    if (tops_[i] == nothing) {
      std::fill_n(weights, key_tile, 0.0f);
      continue;
    }
    simd::exponentials(scores(i).subspan(first, last - first), std::numbers::log2e, tops_[i], weights,
                       weight_sums_.data() + i * simd::value_lanes);
  }
  const std::size_t key = first_key_ + first;
  simd::add_weighted_values(weights_.data(), key_tile, valid_.size(), head.values.data() + key * value_stride_,
                            std::min<std::size_t>(last - first, head.keys - key), value_stride_, outputs_.data());
}

void ExactAttention::divide() {
  for (std::size_t i = 0; i < valid_.size(); ++i) {
    const double sum = sum_of(std::span(weight_sums_).subspan(i * simd::value_lanes, simd::value_lanes));
    if (sum == 0.0) continue;
    double* output = outputs_.data() + i * value_stride_;
    for (std::size_t d = 0; d < value_dim_; ++d) output[d] /= sum;
  }
}

double ExactAttention::recall(std::size_t i, std::span<const Candidate> kept, std::uint32_t n) {
  const ValidKeys& valid = valid_[i];
  const std::uint32_t valid_keys = valid.count(valid.begin(), valid.end());
  const double best = std::min(n, valid_keys);
  const std::span<const double> scores = this->scores(i);
  kept_places_.clear();
  kept_scores_.clear();
  for (const Candidate& candidate : kept) {
    if (!valid(candidate.key)) throw LawBroken("ExactAttention: a key was kept that is not valid for its query");
    kept_places_.push_back(candidate.key - first_key_);
    kept_scores_.push_back(scores[kept_places_.back()]);
  }
  if (valid_keys <= n) return static_cast<double>(kept.size()) / best;

  // Whether one of the kept keys is among the best decides it for all that are better or for all that are worse. No
  // branch depends on their order, which could not be predicted.
  std::size_t found = 0, left = kept.size();
  while (left > 0) {
    const std::uint32_t place = kept_places_[left / 2];
    const double score = kept_scores_[left / 2];
    const bool among = simd::count_better(scores, place) < n;
    std::size_t open = 0;  // those it does not decide
    for (std::size_t j = 0; j < left; ++j) {
      const std::uint32_t other_place = kept_places_[j];
      const double other = kept_scores_[j];
      const bool better = (other > score) | ((other == score) & (other_place < place));
      kept_places_[open] = other_place;
      kept_scores_[open] = other;
      open += static_cast<std::size_t>((better != among) & (other_place != place));
    }
    found += among ? left - open : 0;
    left = open;
  }
  return static_cast<double>(found) / best;
}

}  // namespace capcam
