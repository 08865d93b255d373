// SPDX-License-Identifier: Apache-2.0
#include "studies/compare/dense_attention.h"

#include <algorithm>
#include <cmath>

#include "kernels/softmax.h"
#include "kernels/value_accumulate.h"
#include "stats/reference.h"

namespace capcam::baseline {
namespace {

constexpr float int8_most = 127.0f;

float scale_for(std::span<const float> values) {
  float most = 0.0f;
  for (const float value : values) most = std::max(most, std::abs(value));
  return most > 0.0f ? most / int8_most : 1.0f;
}

// In the unit's format: for int8 the whole number nearest to value / scale, ties to even.
void convert(KeyFormat format, float scale, std::span<float> values) {
  for (float& value : values) value = format == KeyFormat::bf16 ? round_bf16(value) : std::nearbyint(value / scale);
}

float dot(KeyFormat format, std::span<const float> query, std::span<const float> key) {
  if (format == KeyFormat::bf16) {
    float sum = 0.0f;  // products of two bf16 are exact
    for (std::size_t i = 0; i < key.size(); ++i) sum += query[i] * key[i];
    return sum;
  }
  double sum = 0.0;  // of whole numbers: exact
  for (std::size_t i = 0; i < key.size(); ++i) sum += double{query[i]} * key[i];
  return static_cast<float>(sum);
}

}  // namespace

DenseKeys dense_keys(const Trace& trace, const HeadId& id, KeyFormat format, NumberFormat value_format) {
  const TraceShape& shape = trace.shape;
  const TraceLayer& layer = trace.layers[id.layer];
  const std::uint64_t first_row = (id.batch * shape.kv_heads + id.kv_head) * shape.keys;
  DenseKeys head;
  head.format = format;
  head.head_dim = static_cast<std::uint32_t>(shape.head_dim);
  head.value_dim = static_cast<std::uint32_t>(shape.value_dim);
  head.keys.resize(shape.keys * shape.head_dim);
  layer.k.read(first_row * shape.head_dim, head.keys);
  if (format == KeyFormat::int8) head.key_scale = scale_for(head.keys);
  convert(format, head.key_scale, head.keys);
  head.values.resize(shape.keys * shape.value_dim);
  layer.v.read(first_row * shape.value_dim, head.values);
  for (float& value : head.values) value = round_to(value_format, value);
  return head;
}

float query_scale(const Trace& trace, const HeadId& id, KeyFormat format) {
  if (format == KeyFormat::bf16) return 1.0f;
  const TraceShape& shape = trace.shape;
  std::vector<float> queries(shape.queries * shape.head_dim);
  trace.layers[id.layer].q.read((id.batch * shape.heads + id.head) * shape.queries * shape.head_dim, queries);
  return scale_for(queries);
}

std::vector<float> dense_attention(const DenseKeys& head, std::span<const float> query, float query_scale, double scale,
                                   const ValidKeys& valid, NumberFormat softmax) {
  std::vector<float> converted(query.begin(), query.end());
  convert(head.format, query_scale, converted);
  const float factor = static_cast<float>(scale) * query_scale * head.key_scale;
  std::vector<std::uint32_t> keys;
  std::vector<float> scores;
  for (std::uint32_t key = valid.begin(); key < valid.end(); ++key) {
    if (!valid(key)) continue;
    const float* row = head.keys.data() + std::size_t{key} * head.head_dim;
    keys.push_back(key);
    scores.push_back(factor * dot(head.format, converted, {row, head.head_dim}));
  }
  std::vector<float> output(head.value_dim, 0.0f);
  if (keys.empty()) return output;
  const float best = *std::max_element(scores.begin(), scores.end());
  float total = 0.0f;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const float weight = round_to(softmax, static_cast<float>(std::exp(static_cast<double>(scores[i] - best))));
    total += weight;
    accumulate_value(weight, std::span(head.values).subspan(std::size_t{keys[i]} * head.value_dim, head.value_dim),
                     output);
  }
  for (float& element : output) element /= total;
  return output;
}

AccuracyFigures dense_accuracy(const Workload& workload, const Config& config, KeyFormat format, double share) {
  const Trace& trace = workload.trace();
  const std::uint64_t queries = trace.shape.queries;
  AccuracyFigures figures;
  figures.selection_recall = 1.0;
  figures.worst_head_cosine = 1.0;
  double measured = 0.0;
  for (std::uint32_t head = 0; head < workload.head_count(); ++head) {
    const HeadId id = workload.id(head);
    const ReferenceKeys reference = read_reference_keys(trace, id);
    const DenseKeys keys = dense_keys(trace, id, format, config.value.format);
    const float scale_of_queries = query_scale(trace, id, format);
    const ValidKeyRule rule = workload.valid_keys(id);
    double cosines = 0.0, of_head = 0.0;
    for (std::uint32_t query = 0; query < queries; ++query) {
      const auto index = static_cast<double>(head * queries + query);
      const ValidKeys valid = rule(query);
      if (std::floor((index + 1.0) * share) <= std::floor(index * share) || !valid.any(valid.begin(), valid.end()))
        continue;
      const std::vector<float> row = read_query(trace, id, query);
      const ReferenceResult exact = exact_attention(reference, row, workload.scale(id.layer), valid, config.top_n.n);
      const std::vector<float> output =
          dense_attention(keys, row, scale_of_queries, workload.scale(id.layer), valid, config.softmax.format);
      cosines += cosine(output, exact.output);
      figures.relative_l2 += relative_l2(output, exact.output);
      of_head += 1.0;
    }
    if (of_head == 0.0) continue;
    measured += of_head;
    figures.cosine += cosines;
    figures.worst_head_cosine = std::min(figures.worst_head_cosine, cosines / of_head);
  }
  if (measured == 0.0) return {};
  figures.cosine /= measured;
  figures.relative_l2 /= measured;
  return figures;
}

}  // namespace capcam::baseline
