// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <limits>

#include "capcam/error.h"
#include "core/number_format.h"
#include "support/catch.h"
#include "support/random_trace.h"
#include "workload/workload.h"

using namespace capcam;
using capcam::testing::make_trace;
using capcam::testing::random_trace;
using capcam::testing::set_mask;

namespace {

TraceShape small_shape() {
  TraceShape shape;
  shape.batch = 2;
  shape.heads = 6;
  shape.kv_heads = 2;
  shape.queries = 5;
  shape.keys = 9;
  shape.head_dim = 70;
  shape.value_dim = 4;
  return shape;
}

std::vector<std::string> problems_of(const Trace& trace, const Config& config = {}) {
  try {
    const Workload workload(trace, config);
    for (std::uint32_t head = 0; head < workload.head_count(); ++head) workload.head(head);
  } catch (const InputError& error) {
    return error.problems();
  }
  return {};
}

}  // namespace

TEST_CASE("heads come layer by layer, batch by batch, head by head, each on its key/value head") {
  const Trace trace = random_trace(small_shape(), 2);
  const Workload workload(trace, Config{});
  REQUIRE(workload.head_count() == 2 * 2 * 6);
  std::uint32_t index = 0;
  for (std::uint32_t layer = 0; layer < 2; ++layer) {
    for (std::uint32_t batch = 0; batch < 2; ++batch) {
      for (std::uint32_t head = 0; head < 6; ++head, ++index) {
        const HeadId id = workload.id(index);
        CHECK(id.layer == layer);
        CHECK(id.batch == batch);
        CHECK(id.head == head);
        CHECK(id.kv_head == head / 3);  // 6 heads on 2 key/value heads
      }
    }
  }
  CHECK(workload.same_keys(0, 2));
  CHECK(!workload.same_keys(2, 3));   // another key/value head
  CHECK(!workload.same_keys(0, 6));   // another batch
  CHECK(!workload.same_keys(0, 12));  // another layer
}

TEST_CASE("a head holds its own bits and values of the trace") {
  const TraceShape shape = small_shape();
  const Trace trace = random_trace(shape, 2);
  const Workload workload(trace, Config{});
  for (const std::uint32_t index : {0u, 4u, 23u}) {
    const std::shared_ptr<const Head> head = workload.head(index);
    const HeadId id = workload.id(index);
    const TraceLayer& layer = trace.layers[id.layer];
    CHECK(head->queries == shape.queries);
    CHECK(head->keys == shape.keys);
    for (std::uint32_t key = 0; key < shape.keys; ++key) {
      const std::uint64_t row = (id.batch * shape.kv_heads + id.kv_head) * shape.keys + key;
      std::vector<float> k(shape.head_dim);
      layer.k.read(row * shape.head_dim, k);
      bool same = true;
      for (std::uint32_t d = 0; d < shape.head_dim; ++d) {
        same = same && ((head->key_bits.words(key, d / 64)[0] >> (d % 64)) & 1) == (k[d] >= 0.0f);
      }
      CHECK(same);
      std::vector<float> v(shape.value_dim);
      layer.v.read(row * shape.value_dim, v);
      for (std::uint32_t d = 0; d < shape.value_dim; ++d) CHECK(head->value_row(key)[d] == round_bf16(v[d]));
    }
    std::vector<float> q(shape.head_dim);
    layer.q.read(((id.batch * shape.heads + id.head) * shape.queries + 3) * shape.head_dim, q);
    for (std::uint32_t d = 0; d < shape.head_dim; ++d) {
      CHECK(((head->query_bits.words(3, d / 64)[0] >> (d % 64)) & 1) == (q[d] >= 0.0f));
    }
  }
}

TEST_CASE("fp32 values are kept as they are") {
  const Trace trace = random_trace(small_shape());
  Config config;
  config.value.format = NumberFormat::fp32;
  std::vector<float> v(4);
  trace.layers[0].v.read(0, v);
  const std::shared_ptr<const Head> head = Workload(trace, config).head(0);
  const std::span<const float> row = head->value_row(0);
  CHECK(std::vector<float>(row.begin(), row.end()) == v);
}

TEST_CASE("a head has its number in the whole model, whichever layers are replayed, and another in every call") {
  Trace trace = random_trace(small_shape(), 2);
  trace.layers[0].index = 4;
  trace.layers[1].index = 7;
  const auto number = [&](std::uint32_t head) { return Workload(trace, Config{}).head(head)->number; };
  CHECK(number(0) == 4 * 2 * 6);
  CHECK(number(12 + 6 + 2) == (7 * 2 + 1) * 6 + 2);
  trace.layers.erase(trace.layers.begin());
  CHECK(number(6 + 2) == (7 * 2 + 1) * 6 + 2);

  // Far from any number of the same model in the first ten thousand calls: a hundred thousand heads do not reach it.
  std::vector<std::uint32_t> first;
  for (trace.call = 0; trace.call < 10000; ++trace.call) first.push_back(number(0));
  std::sort(first.begin(), first.end());
  std::uint32_t nearest = first.front() - first.back();  // round the corner
  for (std::size_t i = 1; i < first.size(); ++i) nearest = std::min(nearest, first[i] - first[i - 1]);
  CHECK(nearest > 100000);
}

TEST_CASE("sigmas and scale come from the trace, or else from its numbers") {
  // q, k and v alternate between -3 and 3: the population standard deviation is 3.
  float sign = 1.0f;
  Trace trace = make_trace(small_shape(), 1, [&] { return 3.0f * (sign = -sign); });
  {
    const Workload workload(trace, Config{});
    CHECK(workload.sigma_q(0) == Approx(3.0));
    CHECK(workload.head(0)->score_scale == Approx(3.0 * 3.0 / std::sqrt(70.0)));
  }
  trace.layers[0].sigma_q = 0.5;
  trace.layers[0].sigma_k = 2.0;
  trace.scale = 0.25;
  const Workload workload(trace, Config{});
  CHECK(workload.sigma_q(0) == 0.5);
  CHECK(workload.sigma_k(0) == 2.0);
  CHECK(workload.head(0)->score_scale == 0.25);
}

TEST_CASE("a layer's own window and scale stand in the place of the trace's") {
  Trace trace = random_trace(small_shape(), 2);
  trace.window = 8;
  trace.scale = 0.5;
  trace.layers[1].window = 2;
  trace.layers[1].scale = 0.25;
  const Workload workload(trace, Config{});
  CHECK(workload.scale(0) == 0.5);
  CHECK(workload.scale(1) == 0.25);
  CHECK(workload.head(0)->valid(4).count(0, 9) == 9);   // |key - 4| < 8
  CHECK(workload.head(12)->valid(4).count(0, 9) == 3);  // |key - 4| < 2
}

TEST_CASE("keys that are masked and queries that see no key do not count in the sigmas") {
  // What takes part alternates between -3 and 3, and the rest is far away.
  TraceShape shape = small_shape();
  shape.batch = 1;
  Trace trace = make_trace(shape, 1, [] { return 0.0f; });
  const auto fill = [&](const Tensor& tensor, const std::function<bool(std::uint64_t)>& takes_part) {
    float sign = 1.0f;
    auto* values = reinterpret_cast<float*>(const_cast<std::byte*>(tensor.bytes.data()));
    for (std::uint64_t i = 0; i < tensor.elements(); ++i)
      values[i] = takes_part(i / shape.head_dim) ? 3.0f * (sign = -sign) : 1000.0f;
  };
  // Causal, with a window of 2: queries 0 and 1 of 5 see keys 0 and 1 alone, which are masked.
  trace.causal = true;
  trace.window = 2;
  set_mask(trace, 0, {false, false, true, true, true, true, true, true, true});
  fill(trace.layers[0].q, [](std::uint64_t row) { return row % 5 >= 2; });
  fill(trace.layers[0].k, [](std::uint64_t row) { return row % 9 >= 2; });
  const Workload workload(trace, Config{});
  CHECK(workload.sigma_q(0) == Approx(3.0));
  CHECK(workload.sigma_k(0) == Approx(3.0));
}

TEST_CASE("a layer of which nothing takes part has sigmas of zero and empty queries") {
  TraceShape shape = small_shape();
  shape.batch = 1;
  Trace trace = random_trace(shape);
  set_mask(trace, 0, std::vector<bool>(9, false));
  const Workload workload(trace, Config{});
  CHECK(workload.sigma_q(0) == 0.0);
  CHECK(workload.sigma_k(0) == 0.0);
}

TEST_CASE("a mask is of its batch, and a layer without one has all keys") {
  Trace trace = random_trace(small_shape(), 2);
  std::vector<bool> mask(2 * 9, true);
  mask[9 + 2] = mask[9 + 8] = false;  // in batch 1
  set_mask(trace, 1, mask);
  const Workload workload(trace, Config{});
  CHECK(workload.head(6)->valid(0).count(0, 9) == 9);            // layer 0, batch 1
  CHECK(workload.head(12)->valid(0).count(0, 9) == 9);           // layer 1, batch 0
  const std::shared_ptr<const Head> masked = workload.head(18);  // layer 1, batch 1
  CHECK(masked->valid(0).count(0, 9) == 7);
  CHECK(!masked->valid(4)(2));
  CHECK(!masked->valid(4)(8));
}

TEST_CASE("a head keeps its mask alive without the workload") {
  Trace trace = random_trace(small_shape());
  set_mask(trace, 0, std::vector<bool>(2 * 9, false));
  const std::shared_ptr<const Head> head = Workload(trace, Config{}).head(0);
  CHECK(head->valid(0).count(0, 9) == 0);
}

TEST_CASE("every tensor that holds a NaN or an infinity is named") {
  int count = 0;
  const TraceShape shape = small_shape();
  const int first_k = 2 * 6 * 5 * 70;
  const Trace trace = make_trace(shape, 1, [&]() -> float {
    ++count;
    if (count == first_k + 1) return std::numeric_limits<float>::infinity();
    return count == 17 ? std::numeric_limits<float>::quiet_NaN() : 1.0f;
  });
  const std::vector<std::string> problems = problems_of(trace);
  REQUIRE(problems.size() == 2);
  CHECK_THAT(problems[0], ContainsSubstring("layers.0.q"));
  CHECK_THAT(problems[1], ContainsSubstring("layers.0.k"));
}

TEST_CASE("a value that bf16 would make infinite is refused, not fp32") {
  int count = 0;
  const int first_v = 2 * 6 * 5 * 70 + 2 * 2 * 9 * 70;
  const int element = ((1 * 2 + 1) * 9 + 3) * 4 + 2;  // [1, 1, 3, 2]
  const Trace trace = make_trace(
      small_shape(), 1, [&] { return count++ == first_v + element ? std::numeric_limits<float>::max() : 1.0f; });
  const std::vector<std::string> problems = problems_of(trace);
  REQUIRE(problems.size() == 1);
  CHECK_THAT(problems[0], ContainsSubstring("layers.0.v[1, 1, 3, 2]"));
  Config config;
  config.value.format = NumberFormat::fp32;
  CHECK(problems_of(trace, config).empty());
}

TEST_CASE("a scale that is negative or not finite is refused") {
  Trace trace = random_trace(small_shape());
  trace.scale = -1.0;
  CHECK(problems_of(trace).size() == 1);
  trace.scale = std::numeric_limits<double>::infinity();
  CHECK(problems_of(trace).size() == 1);
}

TEST_CASE("a shape with an empty or too large dimension is refused") {
  Trace trace = random_trace(small_shape());
  trace.shape.keys = 0;
  trace.shape.queries = std::uint64_t{1} << 40;
  const std::vector<std::string> problems = problems_of(trace);
  REQUIRE(problems.size() == 2);
  CHECK_THAT(problems[0], ContainsSubstring("queries"));
  CHECK_THAT(problems[1], ContainsSubstring("keys: expected 1"));
}
