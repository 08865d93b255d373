// Does the dense unit's arithmetic, to measure the loss of accuracy by its number formats.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "capcam/accuracy.h"
#include "kernels/simd/attention_block.h"
#include "studies/compare/dense_unit.h"
#include "workload/workload.h"

namespace capcam::baseline {

// One key/value head in the unit's formats.
struct DenseKeys {
  KeyFormat format = KeyFormat::bf16;
  std::uint32_t keys = 0, head_dim = 0, value_dim = 0, value_stride = 0;
  simd::Panels rows;          // K, rounded to bf16, or as whole numbers -127 .. 127 (int8)
  std::vector<float> values;  // [keys, value_stride], V likewise; zeros behind value_dim
  float key_scale = 1.0f;     // int8: a key is key_scale times its number, the largest of a head 127
  float value_scale = 1.0f;   // the same of values
};
DenseKeys dense_keys(const Trace& trace, const HeadId& id, KeyFormat format);

// A head's queries are multiplied by `factor` before they are rounded, so that q . k in units of `score` is the
// exponent of 2 of the softmax: all scales and log2(e) are in the query, and no score is multiplied.
struct QueryScale {
  float factor = 1.0f;
  float score = 1.0f;  // a power of two; 1 for bf16
};
// For int8 the largest number lies between 64 and 127.
QueryScale query_scale(const Trace& trace, const HeadId& id, const DenseKeys& keys, double scale);

// Attention of a block of queries of one head. Keeps its memory from block to block.
// q . k is summed in fp32 in the order of dimensions (int8: exactly) and becomes a fixed-point number with 8 bits of
// fraction, ties to even, of 16 bits. 2^(score - best) is good to 2^-23 and then rounded to softmax.format (int8: to
// 1/255). Sums of them, and of their products with V, are in fp32 in the order of keys (int8: of whole numbers); the
// output is the one divided by the other, times the scale of values.
class DenseAttention {
 public:
  // `queries` is [valid.size(), head_dim].
  void attend(const DenseKeys& head, std::span<const float> queries, const QueryScale& scale,
              std::span<const ValidKeys> valid, NumberFormat softmax);
  // [value_dim]; zero without a valid key.
  std::span<const float> output(std::size_t i) const {
    return std::span(outputs_).subspan(i * value_stride_, value_dim_);
  }

 private:
  void score(const DenseKeys& head, std::span<const float> queries, float factor);
  void exponentiate(std::size_t i, KeyFormat format, const ValidKeys& valid, NumberFormat softmax);

  std::size_t stride_ = 0;  // scores per query
  std::uint32_t value_dim_ = 0, value_stride_ = 0;
  std::vector<float> scores_, weights_, outputs_, totals_;
  std::vector<double> exact_scores_, differences_, lane_sums_;
  simd::DotScratch dot_scratch_;
};

// Returns the accuracy of each of `formats` against full-precision attention; recall is 1, as all keys are kept. The
// queries are those of a QuerySample. Asks stop_requested() head by head, and throws Interrupted.
std::vector<AccuracyFigures> dense_accuracy(const Workload& workload, const Config& config,
                                            std::span<const KeyFormat> formats, double share, unsigned threads,
                                            const std::function<bool()>& stop_requested);

}  // namespace capcam::baseline
