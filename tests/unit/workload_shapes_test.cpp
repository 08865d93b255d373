// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>

#include "capcam/error.h"
#include "support/catch.h"
#include "support/config_files.h"
#include "support/places.h"
#include "support/random_trace.h"
#include "workload/budget.h"
#include "workload/model_shapes.h"

namespace capcam {
namespace {

ModelShape shipped(const std::string& name) {
  for (const ModelShape& shape : read_model_shapes(testing::source_dir() / "traces" / "model_shapes.toml")) {
    if (shape.name == name) return shape;
  }
  throw std::runtime_error(name);
}

TEST_CASE("every shipped shape has a source, heads that share keys evenly, and at most one budget") {
  const auto shapes = read_model_shapes(testing::source_dir() / "traces" / "model_shapes.toml");
  CHECK(shapes.size() >= 20);
  for (const ModelShape& shape : shapes) {
    INFO(shape.name);
    CHECK(shape.source.size() > 20);
    CHECK(shape.heads % shape.kv_heads == 0);
    CHECK((shape.audio_s == 0.0 || shape.tokens_per_s == 0.0));
    if (shape.causal) CHECK(shape.query_offset + shape.queries == shape.keys);
  }
}

TEST_CASE("head dimensions are the models' widths over their heads") {
  struct Width {
    const char* name;
    std::uint64_t width;
  };
  for (const auto& [name, width] : {Width{"bert-base", 768},
                                    {"bert-large", 1024},
                                    {"deit-tiny", 192},
                                    {"deit-base", 768},
                                    {"vit-base", 768},
                                    {"gpt2-small", 768},
                                    {"gpt2-medium", 1024},
                                    {"llama-3-8b-8k", 4096},
                                    {"llama-3-8b-32k", 4096},
                                    {"whisper-tiny-encoder", 384},
                                    {"whisper-base-decoder", 512},
                                    {"conformer-s", 144},
                                    {"fastspeech2-encoder", 256},
                                    {"speecht5-encoder", 768},
                                    {"vits-encoder", 192},
                                    {"smollm2-135m", 576},
                                    {"llama-3-2-1b", 2048}}) {
    INFO(name);
    const ModelShape shape = shipped(name);
    CHECK(shape.heads * shape.head_dim == width);
  }
}

TEST_CASE("a shape file says what is wrong with it") {
  const testing::ConfigFiles files;
  const auto path = files.write("shapes.toml",
                                "[a]\ntext = 'x'\nsource = 'y'\nlayers = 0\nheads = 4\nkv_heads = 3\nhead_dim = 8\n"
                                "queries = 1\nkeys = 1\naudio_s = 1.0\ntokens_per_s = 2.0\ncolour = 1\n");
  const auto lines = files.problems_of([&] { read_model_shapes(path); });
  REQUIRE(lines.size() == 4);
  CHECK_THAT(lines[0], ContainsSubstring("shapes.toml:4:10: a.layers: expected 1 to 65535"));
  CHECK_THAT(lines[1], ContainsSubstring("a.kv_heads (3) does not divide heads (4)"));
  CHECK_THAT(lines[2], ContainsSubstring("two budgets"));
  CHECK_THAT(lines[3], ContainsSubstring("a.colour: unknown key"));
}

TEST_CASE("a budget travels through the metadata, and what does not parse is named") {
  Trace trace = testing::random_trace({1, 1, 1, 1, 1, 1, 1});
  CHECK_FALSE(read_budget(trace).has_value());
  write_budget({"recogniser", 12, 8, 30.0, {}}, trace.metadata);
  const auto budget = read_budget(trace);
  REQUIRE(budget.has_value());
  CHECK(budget->name == "recogniser");
  CHECK(budget->layers == 12u);
  CHECK(budget->heads == 8u);
  CHECK(budget->audio_s == 30.0);
  CHECK_FALSE(budget->tokens_per_s);
  trace.metadata["workload.layers"] = "-1";
  trace.metadata["workload.audio_s"] = "nan";
  trace.metadata["workload.tokens_per_s"] = "5 a second";
  try {
    read_budget(trace);
    FAIL("taken");
  } catch (const InputError& error) {
    CHECK(error.problems().size() == 3);
  }
}

}  // namespace
}  // namespace capcam
