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
constexpr std::size_t row_gap = 8;        // a cache line
constexpr std::uint32_t most_queries = 64, least_queries = 8;
constexpr double nothing = -std::numeric_limits<double>::infinity();

// Sums in a fixed order.
double sum_of(std::span<const double> parts) {
  double sum = 0.0;
  for (const double part : parts) sum += part;
  return sum;
}

}  // namespace

std::uint32_t ExactAttention::block_queries(std::uint64_t kept_scores) {
  return static_cast<std::uint32_t>(
      std::clamp<std::uint64_t>(block_scores / std::max<std::uint64_t>(kept_scores, 1), least_queries, most_queries));
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
  places_ = last <= first ? 0 : (last - first_key_ + key_tile - 1) / key_tile * key_tile;
  first_place_ = last_place_ = 0;
}

// Scores the keys at the places [first, last), multiples of key_tile.
void ExactAttention::score_piece(const ReferenceKeys& head, std::span<const float> queries, double scale,
                                 std::size_t first, std::size_t last) {
  first_place_ = first;
  last_place_ = last;
  const auto panel = [&](std::size_t place) {
    return std::min(static_cast<std::uint32_t>((first_key_ + place) / simd::Panels::width), head.rows.panels());
  };
  simd::dot_products(head.rows, panel(first), panel(last), queries, scale, scores_.data(), row_, dot_scratch_);
  for (std::size_t i = 0; i < valid_.size(); ++i) clear_invalid(i);
}

void ExactAttention::clear_invalid(std::size_t i) {
  double* const scores = scores_.data() + i * row_;
  const auto first = static_cast<std::uint32_t>(first_key_ + first_place_),
             last = static_cast<std::uint32_t>(first_key_ + last_place_);
  const ValidKeys valid = valid_[i].within(first, last);
  if (valid.begin() == valid.end()) {
    std::fill_n(scores, last - first, nothing);
    return;
  }
  std::fill_n(scores, valid.begin() - first, nothing);
  std::fill(scores + (valid.end() - first), scores + (last - first), nothing);
  valid.for_each_masked([&](std::uint32_t key) { scores[key - first] = nothing; });
}

void ExactAttention::score(const ReferenceKeys& head, std::span<const float> queries, std::span<const ValidKeys> valid,
                           double scale) {
  begin(head, valid);
  row_ = places_ + row_gap;
  scores_.resize(valid.size() * row_);
  if (places_ > 0) score_piece(head, queries, scale, 0, places_);
}

void ExactAttention::attend(const ReferenceKeys& head, std::span<const float> queries, std::span<const ValidKeys> valid,
                            double scale, std::uint32_t n) {
  begin(head, valid);
  row_ = std::min(places_, piece_keys) + row_gap;
  scores_.resize(valid.size() * row_);
  outputs_.assign(valid_.size() * value_stride_, 0.0);
  weight_sums_.assign(valid_.size() * simd::value_lanes, 0.0);
  weights_.resize(valid_.size() * key_tile);
  tops_.assign(valid_.size(), nothing);
  n_ = n;
  if (best_.size() < valid_.size()) best_.resize(valid_.size());
  marks_.resize((std::size_t{head.keys} + 63) / 64);
  // Where no more than n keys are valid, all of them are the best.
  for (std::size_t i = 0; i < valid_.size(); ++i)
    best_[i].begin(valid_[i].count(valid_[i].begin(), valid_[i].end()) > n ? n : 0);
  // Pieces begin at the same keys for every block, so that a query's sums do not depend on the others.
  for (std::size_t first = 0; first < places_; first = last_place_) {
    const std::size_t last = std::min(places_, first + piece_keys - (first_key_ + first) % piece_keys);
    score_piece(head, queries, scale, first, last);
    for (std::size_t i = 0; i < valid_.size(); ++i) {
      raise_top(i);
      best_[i].add(scores(i), static_cast<std::uint32_t>(first_key_ + first));
    }
    for (std::size_t tile = 0; tile < last - first; tile += key_tile) add_values(head, tile, key_tile);
  }
  divide();
}

// Tops are whole, so sums are scaled by powers of 2, exactly: the result is that of a top known from the beginning.
void ExactAttention::raise_top(std::size_t i) {
  const double top = std::nearbyint(simd::largest(scores(i)) * std::numbers::log2e);
  if (top <= tops_[i]) return;
  const double factor = tops_[i] == nothing ? 0.0 : std::exp2(tops_[i] - top);
  tops_[i] = top;
  double* sums = weight_sums_.data() + i * simd::value_lanes;
  for (std::size_t lane = 0; lane < simd::value_lanes; ++lane) sums[lane] *= factor;
  double* output = outputs_.data() + i * value_stride_;
  for (std::size_t d = 0; d < value_stride_; ++d) output[d] *= factor;
}

// Of `count` keys of the piece, a tile's.
void ExactAttention::add_values(const ReferenceKeys& head, std::size_t first, std::size_t count) {
  const std::size_t key = first_key_ + first_place_ + first;
  const std::size_t keys = std::min<std::size_t>(count, head.keys - key);
  std::span<const float> values(head.values.data() + key * value_stride_, keys * value_stride_);
  const std::size_t share = (values.size() / valid_.size() / simd::cache_line + 1) * simd::cache_line;
  for (std::size_t i = 0; i < valid_.size(); ++i) {
    simd::prefetch(values.first(std::min(share, values.size())));
    values = values.subspan(std::min(share, values.size()));
    float* weights = weights_.data() + i * key_tile;
    if (tops_[i] == nothing) {
      std::fill_n(weights, key_tile, 0.0f);
      continue;
    }
    simd::exponentials(scores(i).subspan(first, count), std::numbers::log2e, tops_[i], weights,
                       weight_sums_.data() + i * simd::value_lanes);
  }
  simd::add_weighted_values(weights_.data(), key_tile, valid_.size(), head.values.data() + key * value_stride_, keys,
                            value_stride_, outputs_.data());
}

void ExactAttention::divide() {
  for (std::size_t i = 0; i < valid_.size(); ++i) {
    const double sum = sum_of(std::span(weight_sums_).subspan(i * simd::value_lanes, simd::value_lanes));
    if (sum == 0.0) continue;
    double* output = outputs_.data() + i * value_stride_;
    for (std::size_t d = 0; d < value_dim_; ++d) output[d] /= sum;
  }
}

double ExactAttention::recall(std::size_t i, std::span<const Candidate> kept) {
  const ValidKeys& valid = valid_[i];
  for (const Candidate& candidate : kept) {
    if (!valid(candidate.key)) throw LawBroken("ExactAttention: a key was kept that is not valid for its query");
  }
  const std::uint32_t valid_keys = valid.count(valid.begin(), valid.end());
  if (valid_keys <= n_) return static_cast<double>(kept.size()) / valid_keys;
  const std::span<const std::uint32_t> best = best_[i].keys();
  for (const std::uint32_t key : best) marks_[key / 64] |= std::uint64_t{1} << (key % 64);
  std::uint64_t found = 0;
  for (const Candidate& candidate : kept) found += (marks_[candidate.key / 64] >> (candidate.key % 64)) & 1u;
  for (const std::uint32_t key : best) marks_[key / 64] = 0;
  return static_cast<double>(found) / n_;
}

}  // namespace capcam
