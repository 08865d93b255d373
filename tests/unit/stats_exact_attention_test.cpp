// SPDX-License-Identifier: Apache-2.0
#include "stats/exact_attention.h"

#include <algorithm>
#include <cmath>
#include <random>

#include "support/catch.h"
#include "support/plain_attention.h"
#include "support/random_trace.h"
#include "support/simd_targets.h"

using namespace capcam;
using capcam::testing::make_trace;
using capcam::testing::plain_attention;
using capcam::testing::PlainAttention;
using capcam::testing::random_trace;
using capcam::testing::set_mask;
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

// A trace of one layer, batch and head from its elements in the order q, k, v.
Trace trace_of(const TraceShape& shape, const std::vector<float>& elements) {
  std::size_t next = 0;
  return make_trace(shape, 1, [&] { return elements.at(next++); });
}

// Attention of the queries [first, first + count) of head 0 as one block.
ExactAttention attend(const Trace& trace, double scale, const ValidKeyRule& rule, std::uint32_t first = 0,
                      std::uint32_t count = 1, std::uint32_t n = 0) {
  std::vector<std::uint32_t> queries;
  std::vector<ValidKeys> valid;
  for (std::uint32_t query = first; query < first + count; ++query) {
    queries.push_back(query);
    valid.push_back(rule(query));
  }
  const ReferenceKeys keys = read_reference_keys(trace, {});
  ExactAttention attention;
  attention.attend(keys, read_queries(trace, {}, queries), valid, scale, n);
  return attention;
}

// Scores of the queries [0, count) of head 0 as one block.
ExactAttention score(const Trace& trace, double scale, const ValidKeyRule& rule, std::uint32_t count) {
  std::vector<std::uint32_t> queries;
  std::vector<ValidKeys> valid;
  for (std::uint32_t query = 0; query < count; ++query) {
    queries.push_back(query);
    valid.push_back(rule(query));
  }
  ExactAttention attention;
  attention.score(read_reference_keys(trace, {}), read_queries(trace, {}, queries), valid, scale);
  return attention;
}

ValidKeyRule all_keys(const Trace& trace) {
  ValidKeyRule rule;
  rule.keys = static_cast<std::uint32_t>(trace.shape.keys);
  return rule;
}

double distance(std::span<const double> output, const std::vector<double>& expected) {
  double squares = 0.0, length = 0.0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    squares += (output[i] - expected[i]) * (output[i] - expected[i]);
    length += expected[i] * expected[i];
  }
  return std::sqrt(squares / length);
}

std::vector<Candidate> candidates(const std::vector<std::uint32_t>& keys) {
  std::vector<Candidate> kept;
  for (const std::uint32_t key : keys) kept.push_back({0, key});
  return kept;
}

}  // namespace

TEST_CASE("exact attention of two keys is their weighted mean") {
  // q = (1, 1); k0 = (1, 0), k1 = (0, 3); v0 = 10, v1 = 20; scale 1/2: logits 0.5 and 1.5.
  const Trace trace = trace_of(shape_of(1, 2, 2, 1), {1, 1, 1, 0, 0, 3, 10, 20});
  ExactAttention attention = attend(trace, 0.5, all_keys(trace), 0, 1, 1);
  const double low = 1.0 / (1.0 + std::exp(1.0));  // the share of the key one logit below
  CHECK(attention.output(0)[0] == Approx(10 * low + 20 * (1 - low)));
  CHECK(attention.recall(0, candidates({1})) == 1.0);
  CHECK(attention.recall(0, candidates({0})) == 0.0);
}

TEST_CASE("exact attention over equal keys is the mean of their values, ties go to lower keys") {
  // q = 1; three keys of 2; v = 3, 6, 9 with the middle one masked.
  Trace trace = trace_of(shape_of(1, 3, 1, 1), {1, 2, 2, 2, 3, 6, 9});
  ValidKeyRule rule = all_keys(trace);
  rule.mask = std::make_shared<const std::vector<std::uint64_t>>(1, 0b101);
  ExactAttention attention = attend(trace, 1.0, rule, 0, 1, 1);
  CHECK(attention.output(0)[0] == Approx(6.0));
  CHECK(attention.recall(0, candidates({0})) == 1.0);
  CHECK(attention.recall(0, candidates({2})) == 0.0);
  CHECK(attend(trace, 1.0, rule, 0, 1, 8).recall(0, candidates({2})) == 0.5);  // of the two valid keys
}

TEST_CASE("exact attention survives logits that exp cannot") {
  const Trace trace = trace_of(shape_of(1, 2, 1, 1), {1e20f, 1e18f, -1e18f, 1, 2});
  CHECK(attend(trace, 1.0, all_keys(trace)).output(0)[0] == 1.0);
}

TEST_CASE("a query without a valid key has a zero output, whoever is in its block") {
  const Trace trace = random_trace(shape_of(3, 4, 8, 3));
  ValidKeyRule rule = all_keys(trace);
  rule.window = 1;
  rule.query_offset = 2;  // queries at 2, 3 and 4: the last sees no key
  const ExactAttention attention = attend(trace, 1.0, rule, 0, 3);
  const PlainAttention expected = plain_attention(trace, {}, 0, 1.0, rule(0));
  CHECK(distance(attention.output(0), expected.output) < 1e-6);
  for (const double element : attention.output(2)) CHECK(element == 0.0);
  const ExactAttention alone = attend(trace, 1.0, rule, 2, 1);
  for (const double element : alone.output(0)) CHECK(element == 0.0);
}

// What docs/speed.md states.
TEST_CASE("the error of exact attention against double is below 1e-6") {
  struct Kind {
    double spread;  // of the queries: how far the logits lie apart
    std::uint64_t keys;
    bool positive;  // values of one sign, whose sums grow
  };
  for (const Kind& kind : {Kind{1.0, 1024, false},
                           {1.0, 1024, true},
                           {0.01, 1024, false},
                           {20.0, 1024, false},
                           {100.0, 300, true},
                           {1.0, 20000, false},
                           {4.0, 20000, true}}) {
    const TraceShape shape = shape_of(8, kind.keys, 64, 40);
    std::mt19937 engine(11);
    std::normal_distribution<float> normal;
    std::size_t drawn = 0;
    const std::size_t first_value = 8 * 64 + kind.keys * 64;
    const Trace trace = make_trace(shape, 1, [&] {
      const float value = normal(engine) * (drawn < 8 * 64 ? static_cast<float>(kind.spread) : 1.0f);
      return drawn++ < first_value || !kind.positive ? value : std::abs(value);
    });
    const ExactAttention attention = attend(trace, 0.125, all_keys(trace), 0, 8);
    double worst = 0.0;
    for (std::uint32_t query = 0; query < 8; ++query) {
      const PlainAttention expected = plain_attention(trace, {}, query, 0.125, all_keys(trace)(query));
      worst = std::max(worst, distance(attention.output(query), expected.output));
    }
    INFO("spread " << kind.spread << ", " << kind.keys << " keys: " << worst);
    CHECK(worst < 5e-7);
  }
}

TEST_CASE("causal, windowed and masked queries of a block are attended as alone, to the last bit") {
  const TraceShape shape = shape_of(70, 333, 24, 20);
  Trace trace = random_trace(shape);
  std::vector<bool> flags(333);
  std::mt19937 engine(5);
  for (std::size_t key = 0; key < flags.size(); ++key) flags[key] = engine() % 4 != 0;
  set_mask(trace, 0, flags);
  for (const bool causal : {false, true}) {
    for (const std::optional<std::uint64_t> window :
         {std::optional<std::uint64_t>(), std::optional<std::uint64_t>(40)}) {
      trace.causal = causal;
      trace.window = window;
      trace.query_offset = 200;
      const Workload workload(trace, Config{});
      const ValidKeyRule rule = workload.valid_keys({});
      const ExactAttention block = attend(trace, 0.2, rule, 0, 64);
      const ExactAttention scored = score(trace, 0.2, rule, 64);
      for (const std::uint32_t query : {0u, 5u, 31u, 63u}) {
        const PlainAttention expected = plain_attention(trace, {}, query, 0.2, rule(query));
        CHECK(distance(block.output(query), expected.output) < 5e-7);
        const ExactAttention alone = attend(trace, 0.2, rule, query, 1);
        CHECK(std::ranges::equal(alone.output(0), block.output(query)));
        for (std::uint32_t key = 0; key < 333; ++key) {
          if (rule(query)(key)) CHECK(scored.scores(query)[key - scored.first_key()] == expected.scores[key]);
        }
      }
    }
  }
}

TEST_CASE("exact attention is the same on every instruction set") {
  const Trace trace = random_trace(shape_of(9, 200, 33, 21));
  std::vector<double> first;
  with_every_target([&] {
    const ExactAttention attention = attend(trace, 0.3, all_keys(trace), 0, 9);
    std::vector<double> outputs;
    for (std::size_t i = 0; i < 9; ++i)
      outputs.insert(outputs.end(), attention.output(i).begin(), attention.output(i).end());
    if (first.empty()) first = outputs;
    CHECK(outputs == first);
  });
}

TEST_CASE("recall is that of a full sort") {
  // Coarse numbers: many scores are equal.
  const TraceShape shape = shape_of(12, 150, 3, 1);
  std::mt19937 engine(3);
  const Trace trace = make_trace(shape, 1, [&] { return static_cast<float>(engine() % 5) - 2.0f; });
  ValidKeyRule rule = all_keys(trace);
  rule.causal = true;
  rule.query_offset = 60;
  for (const std::uint32_t n : {1u, 2u, 7u, 32u, 60u, 61u, 100u}) {
    ExactAttention attention = attend(trace, 1.0, rule, 0, 12, n);
    for (std::uint32_t query = 0; query < 12; ++query) {
      const PlainAttention expected = plain_attention(trace, {}, query, 1.0, rule(query));
      std::vector<std::uint32_t> kept = expected.best;  // some of the valid keys, in any order
      std::shuffle(kept.begin(), kept.end(), engine);
      kept.resize(std::min<std::size_t>(n, kept.size()) - (n > 5 ? 2 : 0));
      const std::size_t best = std::min<std::size_t>(n, expected.best.size());
      const auto end = expected.best.begin() + static_cast<std::ptrdiff_t>(best);
      const auto found = std::count_if(kept.begin(), kept.end(), [&](std::uint32_t key) {
        return std::find(expected.best.begin(), end, key) != end;
      });
      CHECK(attention.recall(query, candidates(kept)) == static_cast<double>(found) / static_cast<double>(best));
    }
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
    for (std::uint32_t d = 0; d < 4; ++d) CHECK(keys.rows.panel(0)[d * simd::Panels::width + key] == k[key * 4 + d]);
    for (std::uint32_t d = 0; d < 2; ++d) CHECK(keys.values[key * keys.value_stride + d] == v[key * 2 + d]);
  }
  const std::uint32_t one = 1;
  CHECK(read_queries(trace, id, {&one, 1}) == q);
}
