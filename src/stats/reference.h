// What the machine's output is compared with, computed from the trace itself: `exact`, full-precision softmax attention
// in double, and `ideal`, the machine's own arithmetic (DESIGN section 3) with ideal sensing, a single-stage selection
// and fp32 throughout.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/bits.h"
#include "kernels/softmax.h"
#include "workload/workload.h"

namespace capcam {

// One key/value head as the references read it.
struct ReferenceKeys {
  std::uint32_t keys = 0;
  std::uint32_t head_dim = 0;
  std::uint32_t value_dim = 0;
  std::vector<float> by_dimension;  // K as [head_dim, keys]: all keys of a dimension side by side
  std::vector<float> values;        // V as in the trace, [keys, value_dim]
  BitRows bits;                     // one segment of head_dim columns
};

ReferenceKeys read_reference_keys(const Trace& trace, const HeadId& id);

// Query `query` of head `id`, [head_dim].
std::vector<float> read_query(const Trace& trace, const HeadId& id, std::uint32_t query);

// The exp table of `ideal` for a head of head_dim dimensions.
ExpTable ideal_exp_table(std::uint32_t head_dim, double score_scale);

struct ReferenceResult {
  std::vector<std::uint32_t>
      best;                    // the n best valid keys (fewer if there are not so many), best first; ties: lower key
  std::vector<double> output;  // [value_dim]; zero if no key is valid
  std::vector<std::uint32_t> matches;  // `ideal` only: matching bits of the keys from valid.begin() to valid.end()
};

// softmax(scale * q . k) over all valid keys, times V, in double.
ReferenceResult exact_attention(const ReferenceKeys& head, std::span<const float> query, double scale,
                                const ValidKeys& valid, std::uint32_t n);

// Softmax by `table` over the n best match counts, times V, in fp32.
ReferenceResult ideal_attention(const ReferenceKeys& head, std::span<const float> query, const ExpTable& table,
                                const ValidKeys& valid, std::uint32_t n);

}  // namespace capcam
