// The dense unit's arithmetic, really done: what its number formats cost in accuracy.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "stats/accuracy_meter.h"
#include "studies/compare/dense_unit.h"
#include "workload/workload.h"

namespace capcam::baseline {

// One key/value head in the unit's formats.
struct DenseKeys {
  KeyFormat format = KeyFormat::bf16;
  std::uint32_t head_dim = 0, value_dim = 0;
  std::vector<float> keys;    // [keys, head_dim]; bf16: rounded; int8: whole numbers -127 .. 127
  std::vector<float> values;  // [keys, value_dim], rounded to value.format
  float key_scale = 1.0f;     // int8: a key is key_scale times its number
};
DenseKeys dense_keys(const Trace& trace, const HeadId& id, KeyFormat format, NumberFormat value_format);

// int8: the scale of a head's queries, largest magnitude / 127; 1 if all are zero. bf16: 1.
float query_scale(const Trace& trace, const HeadId& id, KeyFormat format);

// Scores: q . k summed in fp32 in the order of dimensions (int8: exactly), times the scales in fp32. Softmax: exp(score
// - best), the difference in fp32, the exponential rounded to `softmax`; their sum in fp32 in the order of keys.
// Output: sum of exponential * V in fp32 in the order of keys, then divided by that sum. Zero without a valid key.
std::vector<float> dense_attention(const DenseKeys& head, std::span<const float> query, float query_scale, double scale,
                                   const ValidKeys& valid, NumberFormat softmax);

// Against full-precision attention; recall is 1, all keys are kept. Queries are picked as AccuracyMeter picks them.
AccuracyFigures dense_accuracy(const Workload& workload, const Config& config, KeyFormat format, double share);

}  // namespace capcam::baseline
