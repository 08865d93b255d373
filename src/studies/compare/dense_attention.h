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
  std::vector<float> values;  // [keys, value_stride], rounded to value.format; zeros behind value_dim
  float key_scale = 1.0f;     // int8: a key is key_scale times its number
};
DenseKeys dense_keys(const Trace& trace, const HeadId& id, KeyFormat format, NumberFormat value_format);

// Returns the scale of a head's queries: for int8 largest magnitude / 127, or 1 if all are zero; for bf16 1.
float query_scale(const Trace& trace, const HeadId& id, KeyFormat format);

// Attention of a block of queries of one head. Keeps its memory from block to block.
// A score is q . k summed in fp32 in the order of dimensions (int8: exactly), times the scales in fp32. The softmax
// takes exp(score - best), with the difference in fp32 and the exponential good to 2^-23 and then rounded to `softmax`,
// and sums them in fp32 in the order of keys. The output is the sum of exponential * V in that order, divided by that
// sum.
class DenseAttention {
 public:
  // `queries` is [valid.size(), head_dim].
  void attend(const DenseKeys& head, std::span<const float> queries, float query_scale, double scale,
              std::span<const ValidKeys> valid, NumberFormat softmax);
  // [value_dim]; zero without a valid key.
  std::span<const float> output(std::size_t i) const {
    return std::span(outputs_).subspan(i * value_stride_, value_dim_);
  }

 private:
  void score(const DenseKeys& head, std::span<const float> queries, float factor);
  void exponentiate(std::size_t i, const ValidKeys& valid, NumberFormat softmax);

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
