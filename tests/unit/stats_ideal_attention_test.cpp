// SPDX-License-Identifier: Apache-2.0
#include "stats/ideal_attention.h"

#include <random>

#include "kernels/contextualization.h"
#include "kernels/selection.h"
#include "stats/exact_attention.h"
#include "support/catch.h"
#include "support/plain_attention.h"
#include "support/random_trace.h"
#include "support/simd_targets.h"

using namespace capcam;
using capcam::testing::make_trace;
using capcam::testing::plain_attention;
using capcam::testing::PlainAttention;
using capcam::testing::random_trace;
using capcam::testing::with_every_target;

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

IdealAttention::Result attend(const Trace& trace, double score_scale, std::uint32_t n, std::uint32_t query,
                              const ValidKeys& valid) {
  BitRows key_bits;
  const ReferenceKeys keys = read_reference_keys(trace, {}, &key_bits);
  const auto head_dim = static_cast<std::uint32_t>(trace.shape.head_dim);
  BitRows bits({head_dim, head_dim}, 1);
  bits.pack(0, read_queries(trace, {}, {&query, 1}));
  IdealAttention::Result result;
  IdealAttention(key_bits, keys, score_scale, n).attend(bits, 0, valid, result);
  return result;
}

}  // namespace

TEST_CASE("without a valid key the ideal output is zero") {
  const Trace trace = random_trace(shape_of(1, 4, 8, 3));
  const IdealAttention::Result result = attend(trace, 1.0, 4, 0, ValidKeys(0, 0, nullptr));
  CHECK(result.keys.empty());
  LevelCounts counts(9);
  result.count_levels(counts);
  counts.take([](std::size_t, std::uint64_t count) { CHECK(count == 0); });
  CHECK(result.output == std::vector<float>(3, 0.0f));
}

TEST_CASE("ideal attention over all keys is exact attention of the signs") {
  // With every number +-1 and unit sigmas, s = 2m - D is q . k itself: the two differ only by fp32 rounding. 300
  // dimensions need levels of 16 bits.
  for (const std::uint64_t head_dim : {64u, 300u}) {
    std::mt19937 engine(9);
    const Trace trace = make_trace(shape_of(4, 50, head_dim, 8), 1, [&] { return engine() % 2 ? 1.0f : -1.0f; });
    const std::uint64_t mask = 0x5ffff7ffffff;
    for (std::uint32_t query = 0; query < 4; ++query) {
      const ValidKeys valid(3, 47, &mask);
      const PlainAttention exact = plain_attention(trace, {}, query, 1.0 / 8, valid);
      const IdealAttention::Result ideal = attend(trace, 1.0 / 8, 50, query, valid);
      CHECK(ideal.keys == exact.best);
      for (std::size_t d = 0; d < 8; ++d) CHECK(ideal.output[d] == Approx(exact.output[d]).margin(1e-5));
      for (std::uint32_t key = 3; key < 47; ++key) {
        const double matching = (8.0 * exact.scores[key] + static_cast<double>(head_dim)) / 2.0;
        CHECK(ideal.level(key) == (valid(key) ? static_cast<std::uint32_t>(matching) + 1 : 0));
      }
    }
  }
}

TEST_CASE("ideal recall is the share of the best keys that were kept, ties by lower key") {
  // Keys 0 to 5 of one dimension: four match the query, of which two are the best two.
  const std::vector<float> elements = {1, 1, -1, 1, 1, -1, 1, 0, 0, 0, 0, 0, 0};
  auto next = elements.begin();
  const Trace trace = make_trace(shape_of(1, 6, 1, 1), 1, [&] { return *next++; });
  const IdealAttention::Result result = attend(trace, 1.0, 2, 0, ValidKeys(0, 6, nullptr));
  CHECK(result.keys == std::vector<std::uint32_t>{0, 2});
  CHECK(result.recall(std::vector<Candidate>{{0, 2}, {0, 3}}) == 0.5);
  CHECK(result.recall(std::vector<Candidate>{{0, 5}, {0, 2}, {0, 0}}) == 1.0);
  CHECK(result.recall(std::vector<Candidate>{{0, 1}, {0, 4}}) == 0.0);
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
  const Sensing sensing(config, head->key_bits.segmentation());
  const ExpTable table(NumberFormat::fp32, head->score_scale, sensing);
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
      best_of_tile(scores, {first, count}, valid, 7, selection);
    }
    keep_best(selection, 40);
    std::vector<float> weights(selection.size());
    const float sum = exponentiate(table, selection, weights);
    divide(NumberFormat::fp32, sum, weights);
    std::vector<float> output(5);
    for (std::size_t i = 0; i < selection.size(); ++i) {
      accumulate_value(weights[i], head->value_row(selection[i].key), output);
    }
    with_every_target([&] { CHECK(attend(trace, workload.score_scale(0), 40, query, valid).output == output); });
  }
}
