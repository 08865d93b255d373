// Traces whose tensors lie in memory get the same checks and messages as files.
// SPDX-License-Identifier: Apache-2.0
#include "capcam/error.h"
#include "capcam/report.h"
#include "capcam/trace.h"
#include "support/catch.h"
#include "workload/workload.h"

namespace capcam {
namespace {

// One layer of 1 x 2 heads, 3 queries, 4 keys, D = Dv = 2, all ones, owned by the test.
struct Arrays {
  std::vector<float> q = std::vector<float>(12, 1.0f), k = std::vector<float>(16, 1.0f),
                     v = std::vector<float>(16, 1.0f);
  std::map<std::string, std::string> metadata{{"format", "capcam-trace"}, {"version", "1"}};

  std::map<std::string, Tensor> tensors() const {
    const auto tensor = [](const std::string& name, std::uint64_t rows, const std::vector<float>& values) {
      return Tensor{name, Dtype::f32, {1, 2, rows, 2}, std::as_bytes(std::span(values))};
    };
    return {{"layers.5.q", tensor("layers.5.q", 3, q)},
            {"layers.5.k", tensor("layers.5.k", 4, k)},
            {"layers.5.v", tensor("layers.5.v", 4, v)}};
  }
};

TEST_CASE("a trace in memory looks at the arrays it was given, without a copy") {
  Arrays arrays;
  const Trace trace = trace_of_tensors("mine", arrays.tensors(), arrays.metadata);
  CHECK(trace.path == "mine");
  CHECK(trace.file == nullptr);
  CHECK(trace.shape == TraceShape{1, 2, 2, 3, 4, 2, 2});
  REQUIRE(trace.layers.size() == 1);
  CHECK(trace.layers[0].index == 5);
  CHECK(trace.layers[0].k.bytes.data() == reinterpret_cast<const std::byte*>(arrays.k.data()));
  arrays.k[3] = -2.0f;
  float element = 0.0f;
  trace.layers[0].k.read(3, std::span(&element, 1));
  CHECK(element == -2.0f);
}

TEST_CASE("its problems are told as of a file, under its name") {
  Arrays arrays;
  arrays.metadata["causal"] = "yes";
  arrays.metadata["call"] = "-1";
  auto tensors = arrays.tensors();
  tensors.at("layers.5.v").shape = {1, 2, 2, 4};
  tensors["layers.5.w"] = tensors.at("layers.5.v");
  try {
    trace_of_tensors("mine", tensors, arrays.metadata);
    FAIL("accepted");
  } catch (const InputError& error) {
    CHECK_THAT(error.what(), ContainsSubstring("mine is not a capcam trace"));
    CHECK_THAT(error.what(), ContainsSubstring("layers.5.w: unknown tensor"));
    CHECK_THAT(error.what(), ContainsSubstring("layers.5.v: expected keys 4 as in layers.5.k, got 2"));
    CHECK_THAT(error.what(), ContainsSubstring("causal: expected \"true\" or \"false\", got \"yes\""));
    CHECK_THAT(error.what(), ContainsSubstring("call: expected an integer from 0"));
    CHECK(error.problems().size() == 4);
  }
}

TEST_CASE("the call of the model is read from the metadata") {
  Arrays arrays;
  CHECK(trace_of_tensors("mine", arrays.tensors(), arrays.metadata).call == 0);
  arrays.metadata["call"] = "17";
  CHECK(trace_of_tensors("mine", arrays.tensors(), arrays.metadata).call == 17);
}

}  // namespace
}  // namespace capcam
