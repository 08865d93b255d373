// SPDX-License-Identifier: Apache-2.0
#include "studies/compare/dense_attention.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "kernels/softmax.h"

namespace capcam::baseline {
namespace {

constexpr float int8_most = 127.0f;
constexpr float score_step = 256.0f, score_limit = 127.0f;  // 16 bits, 8 of them fraction

float scale_for(std::span<const float> values) {
  float most = 0.0f;
  for (const float value : values) most = std::max(most, std::abs(value));
  return most > 0.0f ? most / int8_most : 1.0f;
}

// Returns a value in the unit's format: for int8 the whole number nearest to value / scale, ties to even.
void convert(KeyFormat format, float scale, std::span<float> values) {
  for (float& value : values) value = format == KeyFormat::bf16 ? round_bf16(value) : std::nearbyint(value / scale);
}

}  // namespace

DenseKeys dense_keys(const Trace& trace, const HeadId& id, KeyFormat format) {
  const TraceShape& shape = trace.shape;
  const TraceLayer& layer = trace.layers[id.layer];
  const std::uint64_t first_row = (id.batch * shape.kv_heads + id.kv_head) * shape.keys;
  DenseKeys head;
  head.format = format;
  head.keys = static_cast<std::uint32_t>(shape.keys);
  head.head_dim = static_cast<std::uint32_t>(shape.head_dim);
  head.value_dim = static_cast<std::uint32_t>(shape.value_dim);
  head.value_stride = simd::padded_value_dim(head.value_dim);
  std::vector<float> keys(shape.keys * shape.head_dim);
  layer.k.read(first_row * shape.head_dim, keys);
  if (format == KeyFormat::int8) head.key_scale = scale_for(keys);
  convert(format, head.key_scale, keys);
  head.rows = simd::Panels(head.keys, head.head_dim);
  for (std::uint32_t panel = 0; panel < head.rows.panels(); ++panel) {
    const std::size_t first = std::size_t{panel} * simd::Panels::width * head.head_dim;
    const std::size_t count = std::min<std::size_t>(simd::Panels::width * head.head_dim, keys.size() - first);
    head.rows.fill(panel, std::span(keys).subspan(first, count));
  }
  head.values.resize(shape.keys * head.value_stride);
  for (std::uint64_t key = 0; key < shape.keys; ++key) {
    layer.v.read((first_row + key) * shape.value_dim,
                 std::span(head.values).subspan(key * head.value_stride, head.value_dim));
  }
  if (format == KeyFormat::int8) head.value_scale = scale_for(head.values);
  convert(format, head.value_scale, head.values);
  return head;
}

QueryScale query_scale(const Trace& trace, const HeadId& id, const DenseKeys& keys, double scale) {
  const double all = scale * std::numbers::log2e * keys.key_scale;
  if (keys.format == KeyFormat::bf16) return {static_cast<float>(all), 1.0f};
  const TraceShape& shape = trace.shape;
  std::vector<float> queries(shape.queries * shape.head_dim);
  trace.layers[id.layer].q.read((id.batch * shape.heads + id.head) * shape.queries * shape.head_dim, queries);
  float most = 0.0f;
  for (const float query : queries) most = std::max(most, std::abs(query));
  if (most == 0.0f || all == 0.0) return {};
  const int exponent = static_cast<int>(std::floor(std::log2(int8_most / (most * all))));
  return {static_cast<float>(std::ldexp(all, exponent)), std::ldexp(1.0f, -exponent)};
}

void DenseAttention::score(const DenseKeys& head, std::span<const float> queries, float factor) {
  const std::size_t count = queries.size() / head.head_dim;
  scores_.resize(count * stride_);
  if (head.format == KeyFormat::bf16)
    return simd::dot_products(head.rows, 0, head.rows.panels(), queries, factor, scores_.data(), stride_);
  exact_scores_.resize(scores_.size());
  simd::dot_products(head.rows, 0, head.rows.panels(), queries, 1.0, exact_scores_.data(), stride_, dot_scratch_);
  for (std::size_t i = 0; i < scores_.size(); ++i) scores_[i] = factor * static_cast<float>(exact_scores_[i]);
}

// Returns the weights of query i, before they are divided by their total.
void DenseAttention::exponentiate(std::size_t i, KeyFormat format, const ValidKeys& valid, NumberFormat softmax) {
  constexpr double nothing = -std::numeric_limits<double>::infinity();
  const float* scores = scores_.data() + i * stride_;
  float* weights = weights_.data() + i * stride_;
  std::fill_n(weights, stride_, 0.0f);
  totals_[i] = 0.0f;
  if (!valid.any(valid.begin(), valid.end())) return;
  float best = -std::numeric_limits<float>::infinity();
  for (std::uint32_t key = valid.begin(); key < valid.end(); ++key) {
    if (valid(key)) best = std::max(best, scores[key]);
  }
  differences_.assign(stride_, nothing);
  for (std::uint32_t key = valid.begin(); key < valid.end(); ++key) {
    if (valid(key)) differences_[key] = scores[key] - best;
  }
  lane_sums_.assign(simd::value_lanes, 0.0);
  for (std::size_t first = 0; first < stride_; first += simd::key_tile) {
    simd::exponentials(std::span(differences_).subspan(first, simd::key_tile), 1.0, 0.0, weights + first,
                       lane_sums_.data());
  }
  for (std::uint32_t key = valid.begin(); key < valid.end(); ++key) {
    weights[key] = format == KeyFormat::int8 ? std::nearbyint(255.0f * weights[key]) : round_to(softmax, weights[key]);
    totals_[i] += weights[key];
  }
}

void DenseAttention::attend(const DenseKeys& head, std::span<const float> queries, const QueryScale& scale,
                            std::span<const ValidKeys> valid, NumberFormat softmax) {
  value_dim_ = head.value_dim;
  value_stride_ = head.value_stride;
  stride_ = (std::size_t{head.keys} + simd::key_tile - 1) / simd::key_tile * simd::key_tile;
  std::vector<float> converted(queries.begin(), queries.end());
  for (float& query : converted) {
    query *= scale.factor;
    query = head.format == KeyFormat::bf16 ? round_bf16(query) : std::nearbyint(query);
  }
  score(head, converted, scale.score);
  for (float& one : scores_) one = std::clamp(std::nearbyint(one * score_step) / score_step, -score_limit, score_limit);
  weights_.resize(valid.size() * stride_);
  totals_.resize(valid.size());
  for (std::size_t i = 0; i < valid.size(); ++i) exponentiate(i, head.format, valid[i], softmax);
  outputs_.assign(valid.size() * value_stride_, 0.0f);
  for (std::size_t first = 0; first < head.keys; first += simd::key_tile) {
    simd::add_weighted_values(weights_.data() + first, stride_, valid.size(),
                              head.values.data() + first * value_stride_,
                              std::min<std::size_t>(simd::key_tile, head.keys - first), value_stride_, outputs_.data());
  }
  for (std::size_t i = 0; i < valid.size(); ++i) {
    if (totals_[i] == 0.0f) continue;
    float* output = outputs_.data() + i * value_stride_;
    for (std::size_t d = 0; d < value_dim_; ++d) output[d] = output[d] / totals_[i] * head.value_scale;
  }
}

}  // namespace capcam::baseline
