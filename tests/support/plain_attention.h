// Attention as one would write it down: one query, double throughout, every key sorted. What the block kernels are
// checked against.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "workload/workload.h"

namespace capcam::testing {

struct PlainAttention {
  std::vector<std::uint32_t> best;  // all valid keys, best first; equal scores: lower key first
  std::vector<double> scores;       // of every key, valid or not
  std::vector<double> output;
};

inline std::vector<float> row_of(const Tensor& tensor, std::uint64_t row) {
  std::vector<float> values(tensor.shape.back());
  tensor.read(row * values.size(), values);
  return values;
}

// softmax(scale * q . k) over all valid keys, times V.
inline PlainAttention plain_attention(const Trace& trace, const HeadId& id, std::uint32_t query, double scale,
                                      const ValidKeys& valid) {
  const TraceShape& shape = trace.shape;
  const TraceLayer& layer = trace.layers[id.layer];
  const std::uint64_t first_key = (id.batch * shape.kv_heads + id.kv_head) * shape.keys;
  const std::vector<float> q = row_of(layer.q, (id.batch * shape.heads + id.head) * shape.queries + query);
  PlainAttention result;
  for (std::uint32_t key = 0; key < shape.keys; ++key) {
    const std::vector<float> k = row_of(layer.k, first_key + key);
    double sum = 0.0;
    for (std::size_t d = 0; d < q.size(); ++d) sum += double{q[d]} * k[d];
    result.scores.push_back(scale * sum);
    if (valid(key)) result.best.push_back(key);
  }
  std::stable_sort(result.best.begin(), result.best.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return result.scores[a] > result.scores[b]; });
  result.output.resize(shape.value_dim);
  double total = 0.0;
  for (const std::uint32_t key : result.best) {
    const double weight = std::exp(result.scores[key] - result.scores[result.best.front()]);
    const std::vector<float> v = row_of(layer.v, first_key + key);
    total += weight;
    for (std::size_t d = 0; d < v.size(); ++d) result.output[d] += weight * v[d];
  }
  if (total > 0.0) {
    for (double& element : result.output) element /= total;
  }
  return result;
}

}  // namespace capcam::testing
