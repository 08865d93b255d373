// SPDX-License-Identifier: Apache-2.0
#include "workload/participation.h"

#include <algorithm>
#include <utility>

#include "trace/scan.h"

namespace capcam {
namespace {

bool key_is_valid(const PackedMask& mask, std::uint64_t key) {
  return mask == nullptr || (((*mask)[key / 64] >> (key % 64)) & 1u) != 0;
}

double deviation_of_queries(const Trace& trace, const TraceLayer& layer, const std::vector<PackedMask>& masks) {
  const TraceShape& shape = trace.shape;
  std::vector<bool> sees(shape.batch * shape.queries);
  for (std::uint64_t batch = 0; batch < shape.batch; ++batch) {
    const ValidKeyRule rule = valid_key_rule(trace, layer, masks[batch]);
    for (std::uint32_t query = 0; query < shape.queries; ++query)
      sees[batch * shape.queries + query] = rule(query).any(0, static_cast<std::uint32_t>(shape.keys));
  }
  if (std::find(sees.begin(), sees.end(), false) == sees.end()) return population_std(layer.q);  // quicker
  return population_std(layer.q, [&](std::uint64_t row) {
    const std::uint64_t batch = row / shape.queries / shape.heads;
    return sees[batch * shape.queries + row % shape.queries];
  });
}

double deviation_of_keys(const TraceLayer& layer, const TraceShape& shape, const std::vector<PackedMask>& masks) {
  if (!layer.mask) return population_std(layer.k);  // quicker
  return population_std(layer.k, [&](std::uint64_t row) {
    return key_is_valid(masks[row / shape.keys / shape.kv_heads], row % shape.keys);
  });
}

}  // namespace

std::vector<PackedMask> pack_masks(const TraceLayer& layer, const TraceShape& shape) {
  std::vector<PackedMask> masks(shape.batch);
  if (!layer.mask) return masks;
  std::vector<float> row(shape.keys);
  for (std::uint64_t batch = 0; batch < shape.batch; ++batch) {
    layer.mask->read(batch * shape.keys, row);
    std::vector<std::uint64_t> words((shape.keys + 63) / 64);
    for (std::uint64_t key = 0; key < shape.keys; ++key)
      words[key / 64] |= std::uint64_t{row[key] != 0.0f} << (key % 64);
    masks[batch] = std::make_shared<const std::vector<std::uint64_t>>(std::move(words));
  }
  return masks;
}

ValidKeyRule valid_key_rule(const Trace& trace, const TraceLayer& layer, PackedMask mask) {
  return {static_cast<std::uint32_t>(trace.shape.keys), trace.causal, trace.query_offset, trace.window_of(layer),
          std::move(mask)};
}

Sigmas sigmas_of(const Trace& trace, const TraceLayer& layer, const std::vector<PackedMask>& masks) {
  return {layer.sigma_q ? *layer.sigma_q : deviation_of_queries(trace, layer, masks),
          layer.sigma_k ? *layer.sigma_k : deviation_of_keys(layer, trace.shape, masks)};
}

}  // namespace capcam
