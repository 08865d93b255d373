// Shapes of real models' attention, from traces/model_shapes.toml, for `capcam trace synth --like NAME`.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "capcam/describe.h"

namespace capcam {

struct ModelShape {
  std::string name;  // name of the section
  std::string text;
  std::string source;
  std::uint64_t layers = 0;
  std::uint64_t batch = 1;
  std::uint64_t heads = 0;
  std::uint64_t kv_heads = 0;  // 0 means as many as heads
  std::uint64_t head_dim = 0;
  std::uint64_t value_dim = 0;  // 0 means as head_dim
  std::uint64_t queries = 0;
  std::uint64_t keys = 0;
  std::uint64_t query_offset = 0;
  std::uint64_t window = 0;  // 0 means that there is none
  bool causal = false;
  double audio_s = 0.0;       // audio that one inference covers; 0: no such budget
  double tokens_per_s = 0.0;  // rate that the queries must keep; 0: no such budget

  static void describe(auto& v, auto& s) {
    v.field("text", s.text, {.doc = "what it is", .required = true});
    v.field("source", s.source, {.doc = "where the numbers are from", .required = true});
    v.field("layers", s.layers,
            {.min = 1, .max = 65535, .unit = "layers", .doc = "of one inference", .required = true});
    v.field("batch", s.batch, {.min = 1, .unit = "sequences", .doc = "in one inference"});
    v.field("heads", s.heads, {.min = 1, .unit = "heads", .doc = "query heads", .required = true});
    v.field("kv_heads", s.kv_heads, {.unit = "heads", .doc = "key/value heads; 0: as many as heads"});
    v.field("head_dim", s.head_dim, {.min = 1, .unit = "dimensions", .doc = "of a query or key", .required = true});
    v.field("value_dim", s.value_dim, {.unit = "dimensions", .doc = "of a value; 0: as head_dim"});
    v.field("queries", s.queries, {.min = 1, .unit = "queries", .doc = "of a head", .required = true});
    v.field("keys", s.keys, {.min = 1, .unit = "keys", .doc = "of a head", .required = true});
    v.field("query_offset", s.query_offset, {.unit = "positions", .doc = "position of the first query"});
    v.field("window", s.window, {.unit = "positions", .doc = "sliding window; 0: none"});
    v.field("causal", s.causal, {.doc = "a query sees keys up to its own position"});
    v.field("audio_s", s.audio_s, {.min = 0.0, .unit = "s", .doc = "audio that one inference covers"});
    v.field("tokens_per_s", s.tokens_per_s, {.min = 0.0, .unit = "tokens/s", .doc = "rate that queries must keep"});
  }
};

// Returns all shapes of a file, in its order. Throws InputError with every problem.
std::vector<ModelShape> read_model_shapes(const std::filesystem::path& file);

// Returns the shipped shape of that name. Throws InputError that lists the names if there is none.
ModelShape find_model_shape(const std::string& name);

}  // namespace capcam
