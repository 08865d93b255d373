// An attention trace: the Q, K and V of a model run, as they lie in a safetensors file (mapped, never copied whole).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "capcam/tensor.h"

namespace capcam {

class SafetensorsFile;

// The shape that all layers of a trace share.
struct TraceShape {
  std::uint64_t batch = 0;
  std::uint64_t heads = 0;     // query heads
  std::uint64_t kv_heads = 0;  // key/value heads; heads is a multiple of it
  std::uint64_t queries = 0;
  std::uint64_t keys = 0;
  std::uint64_t head_dim = 0;   // D
  std::uint64_t value_dim = 0;  // Dv
  friend bool operator==(const TraceShape&, const TraceShape&) = default;
};

struct TraceLayer {
  std::uint32_t index = 0;        // the <l> of layers.<l>.q
  Tensor q;                       // [batch, heads, queries, head_dim]
  Tensor k;                       // [batch, kv_heads, keys, head_dim]
  Tensor v;                       // [batch, kv_heads, keys, value_dim]
  std::optional<Tensor> mask;     // [batch, keys], 1 = valid
  std::optional<double> sigma_q;  // sigmas as the trace states them
  std::optional<double> sigma_k;
  std::optional<std::uint64_t> window;  // positions; the layer's own, which replaces the trace's
  std::optional<double> scale;          // the layer's own softmax scale, which replaces the trace's
};

struct Trace {
  std::filesystem::path path;                   // the name of the trace, if it is no file
  std::shared_ptr<const SafetensorsFile> file;  // keeps the mapping alive; may be null: the tensors then lie elsewhere
  std::map<std::string, std::string> metadata;
  std::optional<std::string> model;  // absent if the trace does not state it
  bool causal = false;
  std::uint64_t query_offset = 0;       // position of the first query
  std::optional<std::uint64_t> window;  // positions, for layers that state none of their own
  std::optional<double> scale;          // softmax scale, likewise; otherwise 1/sqrt(head_dim)
  std::uint64_t call = 0;               // number of the model's call; noise is drawn anew in each
  TraceShape shape;
  std::vector<TraceLayer> layers;  // ascending index

  // Return the layer's own value, else the trace's.
  std::optional<std::uint64_t> window_of(const TraceLayer& layer) const { return layer.window ? layer.window : window; }
  std::optional<double> scale_of(const TraceLayer& layer) const { return layer.scale ? layer.scale : scale; }
  std::uint64_t head_queries() const { return layers.size() * shape.batch * shape.heads * shape.queries; }
};

// Opens a trace. Throws InputError with every problem found: format, version, missing or unknown tensors, shapes and
// dtypes that do not fit each other (the tensor is named), metadata that does not parse. Values are not looked at.
Trace open_trace(const std::filesystem::path& path);

// Makes a trace of tensors in memory, by the names they would have in a file. Their bytes must outlive the trace. The
// trace has `name` instead of a path.
Trace trace_of_tensors(const std::filesystem::path& name, const std::map<std::string, Tensor>& tensors,
                       const std::map<std::string, std::string>& metadata);

// Keeps the layers whose index `wanted` lists (from "0,3-5"). Throws InputError if one is not in the trace.
void keep_layers(Trace& trace, const std::string& wanted);

}  // namespace capcam
