// Reads the keys, values and queries of a head from a trace, for the references of capcam/accuracy.h and for studies.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/large_array.h"
#include "kernels/bits.h"
#include "kernels/simd/panels.h"
#include "workload/workload.h"

namespace capcam {

// One key/value head in full precision.
struct ReferenceKeys {
  std::uint32_t keys = 0;
  std::uint32_t head_dim = 0;
  std::uint32_t value_dim = 0;
  std::uint32_t value_stride = 0;  // value_dim rounded up to simd::value_lanes
  simd::Panels rows;               // K, [keys, head_dim]
  LargeArray<float> values;        // V, [keys, value_stride], zeros behind value_dim
};

// Writes K also as bits, in one segment of head_dim columns, if they are wanted.
ReferenceKeys read_reference_keys(const Trace& trace, const HeadId& id, BitRows* key_bits = nullptr);

// Returns the rows `queries` of head `id`, [queries.size(), head_dim].
std::vector<float> read_queries(const Trace& trace, const HeadId& id, std::span<const std::uint32_t> queries);

}  // namespace capcam
