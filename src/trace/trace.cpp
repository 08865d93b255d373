// SPDX-License-Identifier: Apache-2.0
#include "capcam/trace.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <limits>
#include <string_view>
#include <utility>

#include "capcam/error.h"
#include "core/printable.h"
#include "trace/safetensors_header.h"
#include "trace/tensor_name.h"
#include "trace/trace_metadata.h"

namespace capcam {
namespace {

constexpr std::uint64_t uint32_most = std::numeric_limits<std::uint32_t>::max();

// Holds the tensors of one layer, before they are known to fit together.
using LayerTensors = std::map<std::string, const Tensor*, std::less<>>;

// Sorts tensors by layer; names the ones a trace does not have.
std::map<std::uint32_t, LayerTensors> sort_by_layer(const std::map<std::string, Tensor>& tensors, Problems& problems) {
  std::map<std::uint32_t, LayerTensors> layers;
  for (const auto& [name, tensor] : tensors) {
    const auto read = read_tensor_name(name);
    if (const auto* known = std::get_if<TensorName>(&read)) {
      layers[known->layer][known->role] = &tensor;
    } else {
      problems.add(std::get<std::string>(read));
    }
  }
  return layers;
}

// Checks one tensor by itself: number and range of its sizes, dtype.
bool check_alone(const Tensor& tensor, const std::vector<std::string_view>& dimensions, bool is_mask,
                 Problems& problems) {
  const auto wrong = [&](const std::string& expected, const std::string& got) {
    problems.add(fmt::format("{}: expected {}, got {}", tensor.name, expected, got));
    return false;
  };
  bool good = true;
  const bool is_flag = tensor.dtype == Dtype::boolean || tensor.dtype == Dtype::u8;
  if (is_flag != is_mask) {
    problems.add(wrong_dtype_text(tensor.name, dtype_name(tensor.dtype)));
    good = false;
  }
  if (tensor.shape.size() != dimensions.size()) {
    return wrong(fmt::format("{} dimensions [{}]", dimensions.size(), fmt::join(dimensions, ", ")),
                 shape_text(tensor.shape));
  }
  for (std::size_t i = 0; i < dimensions.size(); ++i) {
    if (tensor.shape[i] == 0 || tensor.shape[i] > uint32_most) {
      good = wrong(fmt::format("{} of 1 to {}", dimensions[i], uint32_most), shape_text(tensor.shape));
    }
  }
  return good;
}

// Checks one size of a tensor against the same size of the tensor that it has to fit.
bool same_size(const Tensor& tensor, std::size_t dimension, std::string_view word, const Tensor& other,
               std::size_t other_dimension, Problems& problems) {
  const std::uint64_t got = tensor.shape[dimension];
  const std::uint64_t expected = other.shape[other_dimension];
  if (got == expected) return true;
  problems.add(
      fmt::format("{}: expected {} {} as in {}, got {}{}", tensor.name, word, expected, other.name, got,
                  word == "head_dim" ? (got > expected ? " (k is wider than q)" : " (k is narrower than q)") : ""));
  return false;
}

// Checks the tensors of one layer against each other. Returns nothing if they make no layer.
std::optional<std::pair<TraceLayer, TraceShape>> read_layer(std::uint32_t index, const LayerTensors& tensors,
                                                            Problems& problems) {
  const auto find = [&](std::string_view role) {
    const auto found = tensors.find(role);
    return found == tensors.end() ? nullptr : found->second;
  };
  bool good = true;
  for (const std::string_view role : {"q", "k", "v"}) {
    if (find(role) != nullptr) continue;
    problems.add(fmt::format("layers.{}.{}: missing", index, role));
    good = false;
  }
  const Tensor* q = find("q");
  const Tensor* k = find("k");
  const Tensor* v = find("v");
  const Tensor* mask = find("mask");
  if (q != nullptr) good &= check_alone(*q, {"batch", "heads", "queries", "head_dim"}, false, problems);
  if (k != nullptr) good &= check_alone(*k, {"batch", "kv_heads", "keys", "head_dim"}, false, problems);
  if (v != nullptr) good &= check_alone(*v, {"batch", "kv_heads", "keys", "value_dim"}, false, problems);
  if (mask != nullptr) good &= check_alone(*mask, {"batch", "keys"}, true, problems);
  if (!good) return std::nullopt;

  good &= same_size(*k, 0, "batch", *q, 0, problems);
  good &= same_size(*k, 3, "head_dim", *q, 3, problems);
  good &= same_size(*v, 0, "batch", *q, 0, problems);
  good &= same_size(*v, 1, "kv_heads", *k, 1, problems);
  good &= same_size(*v, 2, "keys", *k, 2, problems);
  if (mask != nullptr) {
    good &= same_size(*mask, 0, "batch", *q, 0, problems);
    good &= same_size(*mask, 1, "keys", *k, 2, problems);
  }
  if (q->shape[1] % k->shape[1] != 0) {
    problems.add(fmt::format("{}: expected heads in a multiple of the {} kv_heads of {}, got {}", q->name, k->shape[1],
                             k->name, q->shape[1]));
    good = false;
  }
  for (const Tensor* tensor : {k, v}) {
    if (tensor->dtype == q->dtype) continue;
    problems.add(fmt::format("{}: expected dtype {} as in {}, got {}", tensor->name, dtype_name(q->dtype), q->name,
                             dtype_name(tensor->dtype)));
    good = false;
  }
  if (!good) return std::nullopt;
  TraceLayer layer{index, *q, *k, *v, {}, {}, {}, {}, {}};
  if (mask != nullptr) layer.mask = *mask;
  return std::pair{std::move(layer), TraceShape{q->shape[0], q->shape[1], k->shape[1], q->shape[2], k->shape[2],
                                                q->shape[3], v->shape[3]}};
}

template <class Number>
std::optional<Number> of_layer(const std::map<std::uint32_t, Number>& stated, std::uint32_t layer) {
  const auto found = stated.find(layer);
  return found == stated.end() ? std::nullopt : std::optional(found->second);
}

void check_same_shape(const TraceLayer& layer, const TraceShape& shape, const TraceLayer& first,
                      const TraceShape& expected, Problems& problems) {
  const auto compare = [&](std::string_view word, char role, std::uint64_t TraceShape::*size) {
    if (shape.*size == expected.*size) return;
    problems.add(fmt::format("layers.{0}.{1}: expected {2} {3} as in layers.{4}.{1}, got {5}", layer.index, role, word,
                             expected.*size, first.index, shape.*size));
  };
  compare("batch", 'q', &TraceShape::batch);
  compare("heads", 'q', &TraceShape::heads);
  compare("queries", 'q', &TraceShape::queries);
  compare("head_dim", 'q', &TraceShape::head_dim);
  compare("kv_heads", 'k', &TraceShape::kv_heads);
  compare("keys", 'k', &TraceShape::keys);
  compare("value_dim", 'v', &TraceShape::value_dim);
}

}  // namespace

std::optional<std::uint32_t> parse_layer_index(std::string_view text) {
  std::uint32_t index = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
  const bool leading_zero = text.size() > 1 && text.front() == '0';  // "01" would be a second name of layer 1
  if (error != std::errc{} || end != text.data() + text.size() || leading_zero) return std::nullopt;
  return index;
}

Trace open_trace(const std::filesystem::path& path) {
  const std::shared_ptr<const SafetensorsFile> file = SafetensorsFile::open(path, tensor_name_problem);
  Trace trace = trace_of_tensors(path, file->tensors(), file->metadata());
  trace.file = file;
  return trace;
}

Trace trace_of_tensors(const std::filesystem::path& name, const std::map<std::string, Tensor>& tensors,
                       const std::map<std::string, std::string>& metadata) {
  Trace trace;
  trace.path = name;
  trace.metadata = metadata;

  Problems problems;
  const std::map<std::uint32_t, LayerTensors> found = sort_by_layer(tensors, problems);
  if (found.empty()) problems.add("tensors: expected layers.<number>.q, k and v, got none");
  for (const auto& [index, of_layer] : found) {
    auto read = read_layer(index, of_layer, problems);
    if (!read) continue;
    auto& [layer, shape] = *read;
    if (trace.layers.empty()) {
      trace.shape = shape;
    } else {
      check_same_shape(layer, shape, trace.layers.front(), trace.shape, problems);
    }
    trace.layers.push_back(std::move(layer));
  }
  std::uint64_t heads = trace.layers.size();
  if (__builtin_mul_overflow(heads, trace.shape.batch, &heads) ||
      __builtin_mul_overflow(heads, trace.shape.heads, &heads) || heads > uint32_most) {
    problems.add(fmt::format("tensors: expected layers x batch x heads of at most {}, got {} x {} x {}", uint32_most,
                             trace.layers.size(), trace.shape.batch, trace.shape.heads));
  }

  TraceMetadata stated;
  std::vector<std::uint32_t> present;
  for (const auto& [index, of_layer] : found) present.push_back(index);
  read_trace_metadata(trace.metadata, present, stated, problems);
  if (!problems.empty()) {
    throw InputError(fmt::format("{} is not a capcam trace", printable(name.string(), 4096)), problems.take());
  }

  trace.model = stated.model;
  trace.causal = stated.causal;
  trace.query_offset = stated.query_offset;
  trace.window = stated.window;
  trace.scale = stated.scale;
  trace.call = stated.call;
  for (TraceLayer& layer : trace.layers) {
    layer.sigma_q = of_layer(stated.sigma_q, layer.index);
    layer.sigma_k = of_layer(stated.sigma_k, layer.index);
    layer.window = of_layer(stated.windows, layer.index);
    layer.scale = of_layer(stated.scales, layer.index);
  }
  return trace;
}

}  // namespace capcam
