// SPDX-License-Identifier: Apache-2.0
#include "apps/python/trace_in_python.h"

#include <fmt/format.h>
#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <optional>

#include "apps/python/new_array.h"
#include "capcam/error.h"
#include "trace/safetensors.h"

namespace capcam::python {
namespace {

namespace nb = nanobind;

std::optional<Dtype> dtype_of(const ReadArray& array) {
  const nb::dlpack::dtype dtype = array.dtype();
  const auto is = [&](nb::dlpack::dtype_code code, std::uint8_t bits) {
    return dtype.lanes == 1 && dtype.code == static_cast<std::uint8_t>(code) && dtype.bits == bits;
  };
  if (is(nb::dlpack::dtype_code::Float, 32)) return Dtype::f32;
  if (is(nb::dlpack::dtype_code::Float, 16)) return Dtype::f16;
  if (is(nb::dlpack::dtype_code::Bfloat, 16)) return Dtype::bf16;
  if (is(nb::dlpack::dtype_code::Bool, 8)) return Dtype::boolean;
  if (is(nb::dlpack::dtype_code::UInt, 8)) return Dtype::u8;
  return std::nullopt;
}

TraceInPython trace_of_arrays(const std::map<std::string, ReadArray>& arrays,
                              const std::map<std::string, std::string>& metadata, const std::string& name) {
  TraceInPython result;
  std::map<std::string, Tensor> tensors;
  std::vector<std::string> problems;
  for (const auto& [key, array] : arrays) {
    const std::optional<Dtype> dtype = dtype_of(array);
    if (!dtype) {
      problems.push_back(
          fmt::format("{}: expected float32, float16 or bfloat16 (a mask: bool or uint8), got {} bits "
                      "of another kind of number",
                      key, array.dtype().bits));
      continue;
    }
    Tensor& tensor = tensors[key];
    tensor.name = key;
    tensor.dtype = *dtype;
    for (std::size_t i = 0; i < array.ndim(); ++i) tensor.shape.push_back(array.shape(i));
    tensor.bytes = {static_cast<const std::byte*>(array.data()), array.nbytes()};
    result.arrays.push_back(array);
  }
  if (!problems.empty()) throw InputError(fmt::format("{} is not a capcam trace", name), std::move(problems));
  result.trace = trace_of_tensors(name, tensors, metadata);
  return result;
}

void save(const TraceInPython& self, const std::filesystem::path& path) {
  std::vector<const Tensor*> tensors;
  for (const TraceLayer& layer : self.trace.layers) {
    tensors.insert(tensors.end(), {&layer.q, &layer.k, &layer.v});
    if (layer.mask) tensors.push_back(&*layer.mask);
  }
  std::vector<SafetensorsWriter::Entry> entries;
  for (const Tensor* tensor : tensors) entries.push_back({tensor->name, tensor->dtype, tensor->shape});
  const nb::gil_scoped_release unlocked;
  SafetensorsWriter writer(path, self.trace.metadata, entries);
  std::vector<float> block;
  for (const Tensor* tensor : tensors) {
    for (std::uint64_t first = 0; first < tensor->elements(); first += block.size()) {
      block.resize(std::min<std::uint64_t>(tensor->elements() - first, 1 << 16));
      tensor->read(first, block);
      writer.append(block);
    }
  }
  writer.finish();
}

nb::dict shape_of(const TraceInPython& self) {
  const TraceShape& shape = self.trace.shape;
  nb::dict sizes;
  sizes["batch"] = shape.batch;
  sizes["heads"] = shape.heads;
  sizes["kv_heads"] = shape.kv_heads;
  sizes["queries"] = shape.queries;
  sizes["keys"] = shape.keys;
  sizes["head_dim"] = shape.head_dim;
  sizes["value_dim"] = shape.value_dim;
  return sizes;
}

template <class Value>
std::map<std::uint32_t, Value> by_layer(const TraceInPython& self, Value (Trace::*of_layer)(const TraceLayer&) const) {
  std::map<std::uint32_t, Value> values;
  for (const TraceLayer& layer : self.trace.layers) values[layer.index] = (self.trace.*of_layer)(layer);
  return values;
}

nb::object read(const TraceInPython& self, std::uint32_t layer, const std::string& role) {
  for (const TraceLayer& candidate : self.trace.layers) {
    if (candidate.index != layer) continue;
    const Tensor* tensor = role == "q"                        ? &candidate.q
                           : role == "k"                      ? &candidate.k
                           : role == "v"                      ? &candidate.v
                           : role == "mask" && candidate.mask ? &*candidate.mask
                                                              : nullptr;
    if (tensor == nullptr) break;
    NewArray<float> array(tensor->shape);
    tensor->read(0, array.values());
    return array.to_numpy();
  }
  throw InputError(fmt::format("{} has no layers.{}.{}", self.trace.path.string(), layer, role));
}

}  // namespace

void bind_trace(nb::module_& module) {
  nb::class_<TraceInPython>(module, "Trace",
                            "The Q, K and V of a model run: a mapped file, or arrays that lie where numpy or torch put "
                            "them. Made by capcam.open_trace or capcam.make_trace.")
      .def_static(
          "open",
          [](const std::filesystem::path& path) {
            return TraceInPython{open_trace(path), {}};
          },
          nb::arg("path"))
      .def_static("of_arrays", &trace_of_arrays, nb::arg("arrays"), nb::arg("metadata"), nb::arg("name"))
      .def(
          "keep_layers", [](TraceInPython& self, const std::string& wanted) { keep_layers(self.trace, wanted); },
          nb::arg("wanted"))
      .def("save", &save, nb::arg("path"))
      .def("read", &read, nb::arg("layer"), nb::arg("role"))
      .def_prop_ro("path", [](const TraceInPython& self) { return self.trace.path.string(); })
      .def_prop_ro("layers",
                   [](const TraceInPython& self) {
                     std::vector<std::uint32_t> indices;
                     for (const TraceLayer& layer : self.trace.layers) indices.push_back(layer.index);
                     return indices;
                   })
      .def_prop_ro("shape", &shape_of)
      .def_prop_ro("metadata", [](const TraceInPython& self) { return self.trace.metadata; })
      .def_prop_ro("model", [](const TraceInPython& self) { return self.trace.model.value_or(""); })
      .def_prop_ro("causal", [](const TraceInPython& self) { return self.trace.causal; })
      .def_prop_ro("query_offset", [](const TraceInPython& self) { return self.trace.query_offset; })
      .def_prop_ro("call", [](const TraceInPython& self) { return self.trace.call; })
      .def_prop_ro("window", [](const TraceInPython& self) { return self.trace.window; })
      .def_prop_ro("scale", [](const TraceInPython& self) { return self.trace.scale; })
      .def_prop_ro("windows", [](const TraceInPython& self) { return by_layer(self, &Trace::window_of); })
      .def_prop_ro("scales", [](const TraceInPython& self) { return by_layer(self, &Trace::scale_of); });
}

}  // namespace capcam::python
