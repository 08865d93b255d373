// SPDX-License-Identifier: Apache-2.0
#include <functional>

#include "capcam/trace.h"
#include "support/catch.h"
#include "support/raw_safetensors.h"
#include "trace/safetensors.h"

using namespace capcam;
using namespace capcam::testing;

namespace {

// The content of a trace file; a test changes one thing.
struct Parts {
  std::map<std::string, std::string> metadata{{"format", "capcam-trace"}, {"version", "1"}};
  std::map<std::string, std::pair<Dtype, std::vector<std::uint64_t>>> tensors;

  // batch 2, heads 6 over 3, 4 queries, 5 keys, D = 7, Dv = 8
  void add_layer(const std::string& layer) {
    tensors["layers." + layer + ".q"] = {Dtype::f16, {2, 6, 4, 7}};
    tensors["layers." + layer + ".k"] = {Dtype::f16, {2, 3, 5, 7}};
    tensors["layers." + layer + ".v"] = {Dtype::f16, {2, 3, 5, 8}};
  }
};

Parts good_parts() {
  Parts parts;
  parts.add_layer("3");
  parts.add_layer("11");
  parts.tensors["layers.3.mask"] = {Dtype::u8, {2, 5}};
  return parts;
}

void write_parts(const Parts& parts, const std::filesystem::path& path) {
  std::vector<SafetensorsWriter::Entry> entries;
  std::uint64_t elements = 0;
  for (const auto& [name, tensor] : parts.tensors) {
    entries.push_back({name, tensor.first, tensor.second});
    std::uint64_t product = 1;
    for (const std::uint64_t size : tensor.second) product *= size;
    elements += product;
  }
  SafetensorsWriter writer(path, parts.metadata, entries);
  writer.append(std::vector<float>(elements, 1.0f));
  writer.finish();
}

std::string problems_after(const std::function<void(Parts&)>& change) {
  const TemporaryFolder folder;
  Parts parts = good_parts();
  change(parts);
  write_parts(parts, folder / "t");
  return problems_of([&] { open_trace(folder / "t"); });
}

std::string problems_with_metadata(const std::string& key, const std::string& value) {
  return problems_after([&](Parts& parts) { parts.metadata[key] = value; });
}

}  // namespace

TEST_CASE("a trace gives back its shape, its layers and what its metadata state", "[trace]") {
  const TemporaryFolder folder;
  Parts parts = good_parts();
  parts.metadata.insert({{"model", "tiny"},
                         {"causal", "true"},
                         {"query_offset", "17"},
                         {"window", "3"},
                         {"scale", "0.25"},
                         {"sigma_q.11", "1.5"},
                         {"sigma_k.3", "2e-1"},
                         {"window.11", "9"},
                         {"scale.3", "0.5"},
                         {"anything", "else"}});
  write_parts(parts, folder / "t");
  const Trace trace = open_trace(folder / "t");
  CHECK(trace.model == "tiny");
  CHECK(trace.causal);
  CHECK(trace.query_offset == 17);
  CHECK(trace.window == 3);
  CHECK(trace.scale == 0.25);
  CHECK(trace.metadata.at("anything") == "else");
  CHECK(trace.shape == TraceShape{2, 6, 3, 4, 5, 7, 8});
  REQUIRE(trace.layers.size() == 2);
  CHECK(trace.layers[0].index == 3);  // 3 before 11: by number, not by letter
  CHECK(trace.layers[1].index == 11);
  CHECK(trace.layers[0].mask.has_value());
  CHECK(!trace.layers[1].mask.has_value());
  CHECK(!trace.layers[0].sigma_q.has_value());
  CHECK(trace.layers[0].sigma_k == 0.2);
  CHECK(trace.layers[1].sigma_q == 1.5);
  CHECK(trace.layers[1].v.name == "layers.11.v");
  CHECK(trace.window_of(trace.layers[0]) == 3);  // the one of all layers
  CHECK(trace.window_of(trace.layers[1]) == 9);
  CHECK(trace.scale_of(trace.layers[0]) == 0.5);
  CHECK(trace.scale_of(trace.layers[1]) == 0.25);
}

TEST_CASE("what the metadata leave out has its default", "[trace]") {
  const TemporaryFolder folder;
  write_parts(good_parts(), folder / "t");
  const Trace trace = open_trace(folder / "t");
  CHECK_FALSE(trace.model);
  CHECK(!trace.causal);
  CHECK(trace.query_offset == 0);
  CHECK(!trace.window.has_value());
  CHECK(!trace.scale.has_value());
}

TEST_CASE("missing and unknown tensors are named", "[trace]") {
  const auto adding = [](const std::string& name) {
    return problems_after([&](Parts& parts) { parts.tensors[name] = {Dtype::f32, {1}}; });
  };
  CHECK_THAT(problems_after([](Parts& parts) { parts.tensors.erase("layers.3.v"); }),
             ContainsSubstring("layers.3.v: missing"));
  CHECK_THAT(adding("layers.3.x"), ContainsSubstring("layers.3.x: unknown tensor, expected q, k, v or mask"));
  CHECK_THAT(adding("layers.3.out"), ContainsSubstring("layers.3.out: an output"));
  for (const char* name : {"weights", "layers.q", "layers..q", "layers.03.q", "layers.-1.q", "layers.+1.q",
                           "layers. 3.q", "layers.3.4.q"}) {
    CHECK_THAT(adding(name), ContainsSubstring(std::string(name) + ": unknown tensor, expected layers.<number>.q"));
  }
  CHECK_THAT(adding("layers.4294967296.q"),
             ContainsSubstring("layers.4294967296.q: layer 4294967296: at most 4294967295"));
  CHECK_THAT(problems_after([](Parts& parts) { parts.tensors.clear(); }),
             ContainsSubstring("tensors: expected layers.<number>.q, k and v, got none"));
}

TEST_CASE("tensors that do not fit each other are named", "[trace]") {
  const auto reshaping = [](const std::string& name, std::vector<std::uint64_t> shape) {
    return problems_after([&](Parts& parts) { parts.tensors[name].second = shape; });
  };
  CHECK_THAT(reshaping("layers.3.k", {2, 3, 5, 9}),
             ContainsSubstring("layers.3.k: expected head_dim 7 as in layers.3.q, got 9 (k is wider than q)"));
  CHECK_THAT(reshaping("layers.3.k", {1, 3, 5, 7}),
             ContainsSubstring("layers.3.k: expected batch 2 as in layers.3.q, got 1"));
  CHECK_THAT(reshaping("layers.3.v", {2, 2, 5, 8}),
             ContainsSubstring("layers.3.v: expected kv_heads 3 as in layers.3.k, got 2"));
  CHECK_THAT(reshaping("layers.3.v", {2, 3, 6, 8}),
             ContainsSubstring("layers.3.v: expected keys 5 as in layers.3.k, got 6"));
  CHECK_THAT(reshaping("layers.3.mask", {2, 4}),
             ContainsSubstring("layers.3.mask: expected keys 5 as in layers.3.k, got 4"));
  CHECK_THAT(reshaping("layers.3.q", {2, 7, 4, 7}),
             ContainsSubstring("layers.3.q: expected heads in a multiple of the 3 kv_heads of layers.3.k, got 7"));
  CHECK_THAT(reshaping("layers.3.q", {6, 4, 7}),
             ContainsSubstring("layers.3.q: expected 4 dimensions [batch, heads, queries, head_dim], got [6, 4, 7]"));
  CHECK_THAT(reshaping("layers.3.v", {2, 3, 5, 0}),
             ContainsSubstring("layers.3.v: expected value_dim of 1 to 4294967295, got [2, 3, 5, 0]"));
  CHECK_THAT(reshaping("layers.11.q", {2, 6, 9, 7}),
             ContainsSubstring("layers.11.q: expected queries 4 as in layers.3.q, got 9"));
  CHECK_THAT(reshaping("layers.11.v", {2, 3, 5, 9}),
             ContainsSubstring("layers.11.v: expected value_dim 8 as in layers.3.v, got 9"));
  // A size of 2^32 is told even though the tensor has no bytes.
  CHECK_THAT(reshaping("layers.3.q", {0, 4294967296, 4, 7}),
             ContainsSubstring("layers.3.q: expected heads of 1 to 4294967295"));
}

TEST_CASE("dtypes a tensor may not have are named", "[trace]") {
  const auto retyping = [](const std::string& name, Dtype dtype) {
    return problems_after([&](Parts& parts) { parts.tensors[name].first = dtype; });
  };
  CHECK_THAT(retyping("layers.3.q", Dtype::u8),
             ContainsSubstring("layers.3.q: has dtype U8 and must be F32, F16 or BF16"));
  CHECK_THAT(retyping("layers.3.mask", Dtype::f32),
             ContainsSubstring("layers.3.mask: has dtype F32 and must be BOOL or U8"));
  CHECK_THAT(retyping("layers.3.v", Dtype::bf16),
             ContainsSubstring("layers.3.v: expected dtype F16 as in layers.3.q, got BF16"));
  CHECK(retyping("layers.3.mask", Dtype::boolean).empty());
}

TEST_CASE("metadata that do not parse are named", "[trace]") {
  CHECK_THAT(problems_after([](Parts& parts) { parts.metadata.clear(); }),
             ContainsSubstring("__metadata__: format: expected \"capcam-trace\", got nothing") &&
                 ContainsSubstring("__metadata__: version: expected \"1\", got nothing"));
  CHECK_THAT(problems_with_metadata("version", "2"), ContainsSubstring("version: expected \"1\", got \"2\""));
  CHECK_THAT(problems_with_metadata("causal", "True"),
             ContainsSubstring("causal: expected \"true\" or \"false\", got \"True\""));
  for (const char* value : {"", "-1", "1.5", "12abc", " 1", "4294967296", "99999999999999999999"}) {
    CHECK_THAT(
        problems_with_metadata("query_offset", value),
        ContainsSubstring("query_offset: expected an integer from 0 to 4294967295, got \"" + std::string(value)));
  }
  CHECK_THAT(problems_with_metadata("window", "0"), ContainsSubstring("window: expected an integer from 1"));
  CHECK(problems_with_metadata("window", "1").empty());
  for (const char* value : {"", "0", "-0.5", "nan", "inf", "1e999", "0.1x"}) {
    CHECK_THAT(problems_with_metadata("scale", value), ContainsSubstring("scale: expected a finite number above 0"));
    CHECK_THAT(problems_with_metadata("sigma_q.3", value), ContainsSubstring("sigma_q.3: expected a finite number"));
  }
  CHECK_THAT(problems_with_metadata("sigma_k.4", "1"), ContainsSubstring("sigma_k.4: expected a layer of the trace"));
  CHECK_THAT(problems_with_metadata("sigma_k.x", "1"), ContainsSubstring("sigma_k.x: expected sigma_k.<layer>"));
  CHECK_THAT(problems_with_metadata("window.3", "0"), ContainsSubstring("window.3: expected an integer from 1"));
  CHECK_THAT(problems_with_metadata("window.4", "1"), ContainsSubstring("window.4: expected a layer of the trace"));
  CHECK_THAT(problems_with_metadata("scale.3", "nan"), ContainsSubstring("scale.3: expected a finite number above 0"));
}

TEST_CASE("all problems of a trace come at once", "[trace]") {
  const std::string problems = problems_after([](Parts& parts) {
    parts.metadata["version"] = "9";
    parts.metadata["scale"] = "-1";
    parts.tensors.erase("layers.11.k");
    parts.tensors["layers.3.k"].second[3] = 1;
  });
  for (const char* part : {"version", "scale", "layers.11.k: missing", "layers.3.k: expected head_dim"}) {
    CHECK_THAT(problems, ContainsSubstring(part));
  }
}

TEST_CASE("layers are kept by number and by range", "[trace]") {
  const TemporaryFolder folder;
  Parts parts;
  for (const char* layer : {"0", "1", "2", "5", "9"}) parts.add_layer(layer);
  write_parts(parts, folder / "t");
  const auto kept = [&](const std::string& wanted) {
    Trace trace = open_trace(folder / "t");
    keep_layers(trace, wanted);
    std::vector<std::uint32_t> indices;
    for (const TraceLayer& layer : trace.layers) indices.push_back(layer.index);
    return indices;
  };
  CHECK(kept("5") == std::vector<std::uint32_t>{5});
  CHECK(kept("0-2") == std::vector<std::uint32_t>{0, 1, 2});
  CHECK(kept("9,0-1,1") == std::vector<std::uint32_t>{0, 1, 9});

  const auto problems = [&](const std::string& wanted) { return problems_of([&] { kept(wanted); }); };
  CHECK_THAT(problems("1-6,7"), ContainsSubstring("3-4: expected layers of") && ContainsSubstring("6: expected") &&
                                    ContainsSubstring("7: expected") && ContainsSubstring("which has 0-2, 5, 9"));
  CHECK_THAT(problems("0-4294967295"), ContainsSubstring("10-4294967295: expected layers of"));
  for (const char* wanted : {"", ",", "1,", "a", "2-1", "-1", "1-", "1--2", "4294967296", "0 "}) {
    CHECK_THAT(problems(wanted), ContainsSubstring("expected a layer (\"3\") or a range of layers (\"3-5\")"));
  }
}
