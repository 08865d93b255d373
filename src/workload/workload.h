// The work of a trace, head by head: binarised queries and keys, rounded values, and which keys are valid.
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
#include "workload/participation.h"

namespace capcam {

// The indices of a head in the trace.
struct HeadId {
  std::uint32_t layer = 0;  // position in trace.layers
  std::uint32_t batch = 0;
  std::uint32_t head = 0;     // query head
  std::uint32_t kv_head = 0;  // = head / (heads / kv_heads)
};

// One query head as the machine sees it.
struct Head {
  HeadId id;
  // Noise is drawn by this number. It counts the heads of the whole model, whichever layers are replayed, and is far
  // from the number of the same head in other calls of the model.
  std::uint32_t number = 0;
  std::uint32_t queries = 0;
  std::uint32_t keys = 0;
  std::uint32_t value_dim = 0;
  double score_scale = 0.0;  // sigma_q * sigma_k * scale; multiplies s = 2m - D
  BitRows query_bits;
  BitRows key_bits;
  std::vector<float> values;  // [keys, value_dim], rounded to the value format
  ValidKeyRule valid;         // valid(query) gives the keys a query may keep

  std::span<const float> value_row(std::uint32_t key) const {
    return {values.data() + std::size_t{key} * value_dim, value_dim};
  }
};

// Heads come in the order layer, batch, head. They are made when asked for; the trace is never copied whole.
class Workload {
 public:
  // Reads every Q, K and V once to find sigmas. Throws InputError naming tensor and index of every NaN or infinity (the
  // first of each tensor). The trace must outlive the workload.
  Workload(const Trace& trace, const Config& config);
  // Makes the same work for another machine without reading anything again. Throws InputError if a value is too large
  // for that machine's value format.
  Workload(const Workload& same, const Config& config);

  std::uint32_t head_count() const;
  HeadId id(std::uint32_t index) const;
  // Throws InputError if a value is too large for the value format.
  std::shared_ptr<const Head> head(std::uint32_t index) const;
  // Returns the head without values, which take most of the time.
  std::shared_ptr<const Head> head_bits(std::uint32_t index) const;
  ValidKeyRule valid_keys(const HeadId& id) const;
  // Returns true if two heads work on the same keys and values (grouped-query attention).
  bool same_keys(std::uint32_t a, std::uint32_t b) const;

  const Trace& trace() const { return *trace_; }
  double sigma_q(std::uint32_t layer) const { return sigmas_[layer].q; }
  double sigma_k(std::uint32_t layer) const { return sigmas_[layer].k; }
  // Softmax scale: the one that the trace states for the layer, else 1 / sqrt(head_dim).
  double scale(std::uint32_t layer) const { return scales_[layer]; }
  // Returns sigma_q * sigma_k * scale of a layer.
  double score_scale(std::uint32_t layer) const { return sigmas_[layer].q * sigmas_[layer].k * scales_[layer]; }

 private:
  std::shared_ptr<Head> make_bits(std::uint32_t index) const;

  void check_values_fit() const;

  struct LargestValue {
    float magnitude = 0.0f;
    std::uint64_t element = 0;  // index in the layer's v
  };
  const Trace* trace_;
  Segmentation segmentation_;
  NumberFormat value_format_;
  std::vector<Sigmas> sigmas_;
  std::vector<LargestValue> largest_values_;  // one per layer
  std::vector<double> scales_;
  // [layer][batch]; null if all keys are valid. Masks are packed once and shared by the heads.
  std::vector<std::vector<PackedMask>> masks_;
};

}  // namespace capcam
