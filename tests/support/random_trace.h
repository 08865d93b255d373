// Traces in memory: there is no file, and the trace keeps the bytes of its tensors alive.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstring>
#include <deque>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "capcam/trace.h"
#include "trace/safetensors.h"

namespace capcam::testing {

// Owns the bytes that the tensors of a trace look at.
class MemoryFile final : public SafetensorsFile {
 public:
  const std::map<std::string, Tensor>& tensors() const override { return tensors_; }
  const std::map<std::string, std::string>& metadata() const override { return metadata_; }
  std::span<const std::byte> bytes() const override { return {}; }

  Tensor add(const std::string& name, std::vector<std::uint64_t> shape, const std::vector<float>& values) {
    std::vector<std::byte>& storage = storage_.emplace_back(values.size() * sizeof(float));
    std::memcpy(storage.data(), values.data(), storage.size());
    return add_tensor(name, Dtype::f32, std::move(shape), storage);
  }
  Tensor add(const std::string& name, std::vector<std::uint64_t> shape, const std::vector<bool>& values) {
    std::vector<std::byte>& storage = storage_.emplace_back();
    for (const bool value : values) storage.push_back(value ? std::byte{1} : std::byte{0});
    return add_tensor(name, Dtype::boolean, std::move(shape), storage);
  }

 private:
  Tensor add_tensor(const std::string& name, Dtype dtype, std::vector<std::uint64_t> shape,
                    const std::vector<std::byte>& storage) {
    return tensors_[name] = Tensor{name, dtype, std::move(shape), storage};
  }

  std::deque<std::vector<std::byte>> storage_;  // elements of a deque never move
  std::map<std::string, Tensor> tensors_;
  std::map<std::string, std::string> metadata_;
};

// Makes a trace of `layers` layers (index 0, 1, ...). `next` gives the elements in the order q, k, v of each layer.
inline Trace make_trace(const TraceShape& shape, std::uint32_t layers, const std::function<float()>& next) {
  const auto file = std::make_shared<MemoryFile>();
  const auto tensor = [&](const std::string& name, std::vector<std::uint64_t> sizes) {
    std::vector<float> values(sizes[0] * sizes[1] * sizes[2] * sizes[3]);
    for (float& value : values) value = next();
    return file->add(name, std::move(sizes), values);
  };
  Trace trace;
  trace.path = "memory";
  trace.shape = shape;
  for (std::uint32_t index = 0; index < layers; ++index) {
    const std::string prefix = "layers." + std::to_string(index) + ".";
    TraceLayer layer;
    layer.index = index;
    layer.q = tensor(prefix + "q", {shape.batch, shape.heads, shape.queries, shape.head_dim});
    layer.k = tensor(prefix + "k", {shape.batch, shape.kv_heads, shape.keys, shape.head_dim});
    layer.v = tensor(prefix + "v", {shape.batch, shape.kv_heads, shape.keys, shape.value_dim});
    trace.layers.push_back(layer);
  }
  trace.file = file;
  return trace;
}

// Makes a trace of standard normal elements, by seed.
inline Trace random_trace(const TraceShape& shape, std::uint32_t layers = 1, std::uint32_t seed = 1) {
  std::mt19937 engine(seed);
  std::normal_distribution<float> normal;
  return make_trace(shape, layers, [&] { return normal(engine); });
}

// Gives a layer a key-padding mask, [batch, keys].
inline void set_mask(Trace& trace, std::uint32_t layer, const std::vector<bool>& valid) {
  auto file = std::make_shared<MemoryFile>();
  const std::string name = "layers." + std::to_string(trace.layers[layer].index) + ".mask";
  trace.layers[layer].mask = file->add(name, {trace.shape.batch, trace.shape.keys}, valid);
  // The mask's file must live as long as the other tensors' one.
  struct Both {
    std::shared_ptr<const SafetensorsFile> first, second;
  };
  const auto both = std::make_shared<const Both>(Both{trace.file, file});
  trace.file = std::shared_ptr<const SafetensorsFile>(both, both->first.get());
}

}  // namespace capcam::testing
