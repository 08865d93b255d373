// SPDX-License-Identifier: Apache-2.0
#include "stats/reference.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/target_clones.h"
#include "kernels/value_accumulate.h"

namespace capcam {
namespace {

// sums[i] += factor * values[i]
CAPCAM_VECTOR_CLONES
void add_scaled(double factor, const float* values, double* sums, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) sums[i] += factor * values[i];
}

// q . k of the keys [first, first + scores.size()): dimension by dimension, so that the inner loop runs over keys.
void dot_products(const ReferenceKeys& head, std::span<const float> query, std::uint32_t first,
                  std::span<double> scores) {
  for (std::uint32_t dimension = 0; dimension < head.head_dim; ++dimension) {
    const float* keys = head.by_dimension.data() + std::size_t{dimension} * head.keys + first;
    add_scaled(query[dimension], keys, scores.data(), scores.size());
  }
}

}  // namespace

ReferenceKeys read_reference_keys(const Trace& trace, const HeadId& id) {
  const TraceShape& shape = trace.shape;
  const TraceLayer& layer = trace.layers[id.layer];
  const std::uint64_t first_row = (id.batch * shape.kv_heads + id.kv_head) * shape.keys;
  ReferenceKeys head;
  head.keys = static_cast<std::uint32_t>(shape.keys);
  head.head_dim = static_cast<std::uint32_t>(shape.head_dim);
  head.value_dim = static_cast<std::uint32_t>(shape.value_dim);
  head.by_dimension.resize(shape.head_dim * shape.keys);
  head.bits = BitRows({head.head_dim, head.head_dim}, head.keys);
  std::vector<float> row(shape.head_dim);
  for (std::uint32_t key = 0; key < head.keys; ++key) {
    layer.k.read((first_row + key) * shape.head_dim, row);
    head.bits.pack(key, row);
    for (std::size_t dimension = 0; dimension < row.size(); ++dimension) {
      head.by_dimension[dimension * head.keys + key] = row[dimension];
    }
  }
  head.values.resize(shape.keys * shape.value_dim);
  layer.v.read(first_row * shape.value_dim, head.values);
  return head;
}

std::vector<float> read_query(const Trace& trace, const HeadId& id, std::uint32_t query) {
  const TraceShape& shape = trace.shape;
  std::vector<float> row(shape.head_dim);
  trace.layers[id.layer].q.read(((id.batch * shape.heads + id.head) * shape.queries + query) * shape.head_dim, row);
  return row;
}

ExpTable ideal_exp_table(std::uint32_t head_dim, double score_scale) {
  SensingParams ideal;
  ideal.kind = "ideal";
  return ExpTable(NumberFormat::fp32, score_scale, Sensing(ideal, {head_dim, head_dim}));
}

ReferenceResult exact_attention(const ReferenceKeys& head, std::span<const float> query, double scale,
                                const ValidKeys& valid, std::uint32_t n) {
  ReferenceResult result;
  result.output.resize(head.value_dim);
  std::vector<double> scores(valid.end() - valid.begin());
  dot_products(head, query, valid.begin(), scores);
  const auto score = [&](std::uint32_t key) { return scale * scores[key - valid.begin()]; };

  double top = 0.0;
  for (std::uint32_t key = valid.begin(); key < valid.end(); ++key) {
    if (!valid(key)) continue;
    top = result.best.empty() ? score(key) : std::max(top, score(key));
    result.best.push_back(key);
  }
  double sum = 0.0;
  for (const std::uint32_t key : result.best) {
    const double weight = std::exp(score(key) - top);
    const float* value = head.values.data() + std::size_t{key} * head.value_dim;
    sum += weight;
    add_scaled(weight, value, result.output.data(), result.output.size());
  }
  if (sum > 0.0) {
    for (double& element : result.output) element /= sum;
  }

  const auto better_key = [&](std::uint32_t a, std::uint32_t b) {
    return score(a) != score(b) ? score(a) > score(b) : a < b;
  };
  const std::size_t kept = std::min<std::size_t>(n, result.best.size());
  const auto cut = result.best.begin() + static_cast<std::ptrdiff_t>(kept);
  if (kept < result.best.size()) std::nth_element(result.best.begin(), cut, result.best.end(), better_key);
  result.best.resize(kept);
  std::sort(result.best.begin(), result.best.end(), better_key);
  return result;
}

ReferenceResult ideal_attention(const ReferenceKeys& head, std::span<const float> query, const ExpTable& table,
                                const ValidKeys& valid, std::uint32_t n) {
  BitRows bits(head.bits.segmentation(), 1);
  bits.pack(0, query);
  std::vector<std::uint32_t> matches(valid.end() - valid.begin());
  count_matches(bits, 0, head.bits, valid.begin(), static_cast<std::uint32_t>(matches.size()), 0, matches.data());

  std::vector<Candidate> selection;
  for (std::uint32_t i = 0; i < matches.size(); ++i) {
    const std::uint32_t key = valid.begin() + i;
    if (valid(key)) selection.push_back({static_cast<std::int32_t>(matches[i]), key});
  }
  keep_best(selection, n);

  std::vector<float> weights(selection.size());
  std::vector<float> output(head.value_dim);
  const float sum = exponentiate(table, selection, weights);
  divide(NumberFormat::fp32, sum, weights);
  ReferenceResult result;
  for (std::size_t i = 0; i < selection.size(); ++i) {
    const std::size_t first = std::size_t{selection[i].key} * head.value_dim;
    accumulate_value(weights[i], std::span(head.values).subspan(first, head.value_dim), output);
    result.best.push_back(selection[i].key);
  }
  result.output.assign(output.begin(), output.end());
  result.matches = std::move(matches);
  return result;
}

}  // namespace capcam
