// The work a trace asks for, head by head: binarised queries and keys, rounded values, which keys are valid.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "capcam/config.h"
#include "capcam/trace.h"
#include "kernels/bits.h"
#include "kernels/valid_keys.h"

namespace capcam {

// Which head: indices as in the trace.
struct HeadId {
  std::uint32_t layer = 0;  // position in trace.layers
  std::uint32_t batch = 0;
  std::uint32_t head = 0;     // query head
  std::uint32_t kv_head = 0;  // = head / (heads / kv_heads)
};

// One query head as the machine sees it.
struct Head {
  HeadId id;
  // In the whole model, whichever layers are replayed, and far from that of the same head in other calls of the model:
  // what noise is drawn by.
  std::uint32_t number = 0;
  std::uint32_t queries = 0;
  std::uint32_t keys = 0;
  std::uint32_t value_dim = 0;
  double score_scale = 0.0;  // sigma_q * sigma_k * scale, multiplies s = 2m - D
  BitRows query_bits;
  BitRows key_bits;
  std::vector<float> values;  // [keys, value_dim], rounded to the value format
  ValidKeyRule valid;         // valid(query) gives the keys a query may keep

  std::span<const float> value_row(std::uint32_t key) const {
    return {values.data() + std::size_t{key} * value_dim, value_dim};
  }
};

// Heads in order: layer, batch, head. Heads are made when asked for; the trace is never copied whole.
class Workload {
 public:
  // Reads every Q, K and V once to find sigmas; throws InputError naming tensor and index of every NaN or infinity
  // (the first of each tensor). The trace must outlive the workload.
  Workload(const Trace& trace, const Config& config);
  // The same work for another machine; nothing is read again. Throws InputError if a value is too large for the
  // machine's value format.
  Workload(const Workload& same, const Config& config);

  std::uint32_t head_count() const;
  HeadId id(std::uint32_t index) const;
  // Throws InputError if a value is too large for the value format.
  std::shared_ptr<const Head> head(std::uint32_t index) const;
  // The same without values, which take most of the time.
  std::shared_ptr<const Head> head_bits(std::uint32_t index) const;
  ValidKeyRule valid_keys(const HeadId& id) const;
  // True if two heads work on the same keys and values (grouped-query attention).
  bool same_keys(std::uint32_t a, std::uint32_t b) const;

  const Trace& trace() const { return *trace_; }
  double sigma_q(std::uint32_t layer) const { return sigmas_[layer].q; }
  double sigma_k(std::uint32_t layer) const { return sigmas_[layer].k; }
  double scale() const { return scale_; }  // of the softmax: the trace's, else 1 / sqrt(head_dim)
  // sigma_q * sigma_k * scale of a layer.
  double score_scale(std::uint32_t layer) const { return sigmas_[layer].q * sigmas_[layer].k * scale_; }

 private:
  std::shared_ptr<Head> make_bits(std::uint32_t index) const;

  void check_values_fit() const;

  struct LargestValue {
    float magnitude = 0.0f;
    std::uint64_t element = 0;  // of the layer's v
  };
  struct Sigmas {
    double q = 0.0;
    double k = 0.0;
  };
  const Trace* trace_;
  Segmentation segmentation_;
  NumberFormat value_format_;
  double scale_ = 1.0;
  std::vector<Sigmas> sigmas_;
  std::vector<LargestValue> largest_values_;  // one a layer
  // [layer][batch]; null: all keys valid. Packed once, shared by the heads.
  std::vector<std::vector<std::shared_ptr<const std::vector<std::uint64_t>>>> masks_;
};

}  // namespace capcam
