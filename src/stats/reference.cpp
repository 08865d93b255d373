// SPDX-License-Identifier: Apache-2.0
#include "stats/reference.h"

#include <algorithm>

#include "kernels/simd/attention_block.h"

namespace capcam {
namespace {

std::uint64_t first_key_row(const TraceShape& shape, const HeadId& id) {
  return (id.batch * shape.kv_heads + id.kv_head) * shape.keys;
}

// Calls use(first key, rows [count, head_dim]) for all keys of a head, simd::Panels::width at a time.
template <class Use>
void for_each_panel(const Trace& trace, const HeadId& id, const Use& use) {
  const TraceShape& shape = trace.shape;
  std::vector<float> rows(simd::Panels::width * shape.head_dim);
  for (std::uint64_t key = 0; key < shape.keys; key += simd::Panels::width) {
    const std::uint64_t count = std::min<std::uint64_t>(simd::Panels::width, shape.keys - key);
    const std::span<float> part = std::span(rows).first(count * shape.head_dim);
    trace.layers[id.layer].k.read((first_key_row(shape, id) + key) * shape.head_dim, part);
    use(static_cast<std::uint32_t>(key), std::span<const float>(part));
  }
}

}  // namespace

ReferenceKeys read_reference_keys(const Trace& trace, const HeadId& id, BitRows* key_bits) {
  const TraceShape& shape = trace.shape;
  ReferenceKeys head;
  head.keys = static_cast<std::uint32_t>(shape.keys);
  head.head_dim = static_cast<std::uint32_t>(shape.head_dim);
  head.value_dim = static_cast<std::uint32_t>(shape.value_dim);
  head.value_stride = simd::padded_value_dim(head.value_dim);
  head.rows = simd::Panels(head.keys, head.head_dim);
  if (key_bits != nullptr) *key_bits = BitRows({head.head_dim, head.head_dim}, head.keys);
  for_each_panel(trace, id, [&](std::uint32_t key, std::span<const float> rows) {
    head.rows.fill(key / simd::Panels::width, rows);
    if (key_bits == nullptr) return;
    for (; !rows.empty(); rows = rows.subspan(head.head_dim)) key_bits->pack(key++, rows.first(head.head_dim));
  });
  const Tensor& values = trace.layers[id.layer].v;
  head.values = LargeArray<float>(shape.keys * head.value_stride);
  const std::span<float> all(head.values);
  if (head.value_stride == head.value_dim) {
    values.read(first_key_row(shape, id) * shape.value_dim, all);
    return head;
  }
  for (std::uint64_t key = 0; key < shape.keys; ++key) {
    const std::span<float> row = all.subspan(key * head.value_stride, head.value_stride);
    values.read((first_key_row(shape, id) + key) * shape.value_dim, row.first(head.value_dim));
    std::ranges::fill(row.subspan(head.value_dim), 0.0f);
  }
  return head;
}

std::vector<float> read_queries(const Trace& trace, const HeadId& id, std::span<const std::uint32_t> queries) {
  const TraceShape& shape = trace.shape;
  const std::uint64_t first_row = (id.batch * shape.heads + id.head) * shape.queries;
  std::vector<float> rows(queries.size() * shape.head_dim);
  std::span<float> row(rows);
  for (const std::uint32_t query : queries) {
    trace.layers[id.layer].q.read((first_row + query) * shape.head_dim, row.first(shape.head_dim));
    row = row.subspan(shape.head_dim);
  }
  return rows;
}

}  // namespace capcam
