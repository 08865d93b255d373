// SPDX-License-Identifier: Apache-2.0
#include "stats/reference.h"

#include <cmath>
#include <random>

#include "kernels/value_accumulate.h"
#include "support/catch.h"
#include "support/random_trace.h"

using namespace capcam;
using capcam::testing::make_trace;
using capcam::testing::random_trace;

namespace {

TraceShape shape_of(std::uint64_t queries, std::uint64_t keys, std::uint64_t head_dim, std::uint64_t value_dim) {
  TraceShape shape;
  shape.batch = shape.heads = shape.kv_heads = 1;
  shape.queries = queries;
  shape.keys = keys;
  shape.head_dim = head_dim;
  shape.value_dim = value_dim;
  return shape;
}

// A trace of one layer, batch and head from its elements in the order q, k, v.
Trace trace_of(const TraceShape& shape, const std::vector<float>& elements) {
  std::size_t next = 0;
  return make_trace(shape, 1, [&] { return elements.at(next++); });
}

}  // namespace

TEST_CASE("exact attention of two keys is their weighted mean") {
  // q = (1, 1); k0 = (1, 0), k1 = (0, 3); v0 = 10, v1 = 20; scale 1/2: logits 0.5 and 1.5.
  const Trace trace = trace_of(shape_of(1, 2, 2, 1), {1, 1, 1, 0, 0, 3, 10, 20});
  const ReferenceKeys keys = read_reference_keys(trace, {});
  const std::vector<float> query = read_query(trace, {}, 0);
  const ReferenceResult result = exact_attention(keys, query, 0.5, ValidKeys(0, 2, nullptr), 1);
  const double low = 1.0 / (1.0 + std::exp(1.0));  // the share of the key one logit below
  CHECK(result.output[0] == Approx(10 * low + 20 * (1 - low)));
  CHECK(result.best == std::vector<std::uint32_t>{1});
}

TEST_CASE("exact attention over equal keys is the mean of their values, ties go to lower keys") {
  // q = 1; three keys of 2; v = 3, 6, 9 with the middle one masked.
  const Trace trace = trace_of(shape_of(1, 3, 1, 1), {1, 2, 2, 2, 3, 6, 9});
  const ReferenceKeys keys = read_reference_keys(trace, {});
  const std::uint64_t mask = 0b101;
  const ReferenceResult result = exact_attention(keys, read_query(trace, {}, 0), 1.0, ValidKeys(0, 3, &mask), 8);
  CHECK(result.output[0] == Approx(6.0));
  CHECK(result.best == std::vector<std::uint32_t>{0, 2});
}

TEST_CASE("exact attention survives logits that exp cannot") {
  const Trace trace = trace_of(shape_of(1, 2, 1, 1), {1e20f, 1e18f, -1e18f, 1, 2});
  const ReferenceKeys keys = read_reference_keys(trace, {});
  const ReferenceResult result = exact_attention(keys, read_query(trace, {}, 0), 1.0, ValidKeys(0, 2, nullptr), 2);
  CHECK(result.output[0] == 1.0);
  CHECK(result.best == std::vector<std::uint32_t>{0, 1});
}

TEST_CASE("without a valid key both references are zero") {
  const Trace trace = random_trace(shape_of(1, 4, 8, 3));
  const ReferenceKeys keys = read_reference_keys(trace, {});
  const std::vector<float> query = read_query(trace, {}, 0);
  const ValidKeys none(0, 0, nullptr);
  const ReferenceResult exact = exact_attention(keys, query, 1.0, none, 4);
  const ReferenceResult ideal = ideal_attention(keys, query, ideal_exp_table(8, 1.0), none, 4);
  CHECK(exact.best.empty());
  CHECK(ideal.best.empty());
  CHECK(exact.output == std::vector<double>(3, 0.0));
  CHECK(ideal.output == std::vector<double>(3, 0.0));
}

TEST_CASE("ideal attention over all keys is exact attention of the signs") {
  // With every number +-1 and unit sigmas, s = 2m - D is q . k itself: the two differ only by fp32 rounding.
  const TraceShape shape = shape_of(4, 50, 64, 8);
  std::mt19937 engine(9);
  const Trace trace = make_trace(shape, 1, [&] { return engine() % 2 ? 1.0f : -1.0f; });
  const ReferenceKeys keys = read_reference_keys(trace, {});
  const double scale = 1.0 / 8;
  const ExpTable table = ideal_exp_table(64, scale);
  for (std::uint32_t i = 0; i < 4; ++i) {
    const std::vector<float> query = read_query(trace, {}, i);
    const ValidKeys valid(3, 47, nullptr);
    const ReferenceResult exact = exact_attention(keys, query, scale, valid, 50);
    const ReferenceResult ideal = ideal_attention(keys, query, table, valid, 50);
    CHECK(ideal.best == exact.best);
    for (std::size_t d = 0; d < 8; ++d) CHECK(ideal.output[d] == Approx(exact.output[d]).margin(1e-5));
  }
}

TEST_CASE("the machine with ideal sensing, all keys kept and fp32 is the ideal reference bit for bit") {
  const TraceShape shape = shape_of(6, 40, 100, 5);
  const Trace trace = random_trace(shape);
  Config config;
  config.array.rows = 7;
  config.sensing.kind = "ideal";
  config.top_n.n = 40;
  config.top_n.tile_k = 7;
  config.softmax.format = config.value.format = NumberFormat::fp32;
  const Workload workload(trace, config);
  const std::shared_ptr<const Head> head = workload.head(0);
  const Sensing sensing(config.sensing, head->key_bits.segmentation());
  const ExpTable table(NumberFormat::fp32, head->score_scale, sensing);
  const ReferenceKeys keys = read_reference_keys(trace, {});
  const ExpTable reference_table = ideal_exp_table(100, workload.score_scale(0));
  for (std::uint32_t query = 0; query < 6; ++query) {
    const ValidKeys valid = head->valid(query);
    std::vector<Candidate> selection;
    for (std::uint32_t first = 0; first < 40; first += 7) {  // tiles of 7 keys, two segments
      const std::uint32_t count = std::min(7u, 40 - first);
      std::vector<std::int32_t> scores(count);
      std::vector<std::uint32_t> matches(count);
      for (std::uint32_t segment = 0; segment < 2; ++segment) {
        count_matches(head->query_bits, query, head->key_bits, first, count, segment, matches.data());
        for (std::uint32_t i = 0; i < count; ++i) {
          scores[i] += sensing.score(segment, sensing.code(segment, matches[i]));
        }
      }
      best_of_tile(scores, first, valid, 7, selection);
    }
    keep_best(selection, 40);
    std::vector<float> weights(selection.size());
    const float sum = exponentiate(table, selection, weights);
    divide(NumberFormat::fp32, sum, weights);
    std::vector<float> output(5);
    for (std::size_t i = 0; i < selection.size(); ++i) {
      accumulate_value(weights[i], head->value_row(selection[i].key), output);
    }
    const ReferenceResult ideal = ideal_attention(keys, read_query(trace, {}, query), reference_table, valid, 40);
    CHECK(ideal.output == std::vector<double>(output.begin(), output.end()));
  }
}

TEST_CASE("references read the keys of their own head and batch") {
  TraceShape shape = shape_of(2, 3, 4, 2);
  shape.batch = 2;
  shape.heads = 4;
  shape.kv_heads = 2;
  const Trace trace = random_trace(shape, 2);
  const HeadId id{1, 1, 3, 1};
  const ReferenceKeys keys = read_reference_keys(trace, id);
  std::vector<float> k(3 * 4), v(3 * 2), q(4);
  trace.layers[1].k.read(3 * 3 * 4, k);  // the last of 2 * 2 key/value heads
  trace.layers[1].v.read(3 * 3 * 2, v);
  trace.layers[1].q.read((7 * 2 + 1) * 4, q);  // the last of 2 * 4 heads, query 1
  for (std::uint32_t key = 0; key < 3; ++key) {
    for (std::uint32_t d = 0; d < 4; ++d) CHECK(keys.by_dimension[d * 3 + key] == k[key * 4 + d]);
  }
  CHECK(keys.values == v);
  CHECK(read_query(trace, id, 1) == q);
}
