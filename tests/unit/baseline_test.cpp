// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "capcam/error.h"
#include "kernels/softmax.h"
#include "stats/closeness.h"
#include "stats/reference.h"
#include "studies/compare/compare.h"
#include "studies/compare/dense_attention.h"
#include "studies/compare/dense_prices.h"
#include "studies/compare/dense_run.h"
#include "studies/compare/iso_accuracy.h"
#include "support/catch.h"
#include "support/plain_attention.h"
#include "support/random_trace.h"

using namespace capcam;
using namespace capcam::baseline;
using capcam::testing::plain_attention;
using capcam::testing::PlainAttention;
using capcam::testing::random_trace;
using capcam::testing::row_of;

namespace {

TraceShape shape_of(std::uint64_t heads, std::uint64_t queries, std::uint64_t keys, std::uint64_t dim) {
  TraceShape shape;
  shape.batch = 1;
  shape.heads = shape.kv_heads = heads;
  shape.queries = queries;
  shape.keys = keys;
  shape.head_dim = shape.value_dim = dim;
  return shape;
}

Config physical() {
  Config config;
  config.cost.library = "physical";
  return config;
}

bool never() { return false; }

}  // namespace

TEST_CASE("a dense stage takes its issues and its unit's latency") {
  DenseUnit unit;
  unit.score_lanes = 200;
  unit.exp_lanes = 4;
  unit.value_lanes = 256;
  unit.dividers = 2;
  const StageTimes times = unit.times(1000, shape_of(1, 1, 1024, 64));
  CHECK(times[0] == 1000 * 64 / 200 + 4);
  CHECK(times[1] == 1000 / 4 + 1);
  CHECK(times[2] == 1000 * 64 / 256 + 4);
  CHECK(times[3] == 64 / 2 - 1 + 3);
  CHECK(unit.times(0, shape_of(1, 1, 1024, 64)) == StageTimes{});
}

TEST_CASE("a unit sized for an interval has the fewest lanes that keep it") {
  const Config config;
  const TraceShape shape = shape_of(1, 1, 1024, 64);
  for (const std::uint64_t interval : {5u, 50u, 327u, 1000u, 100000u}) {
    const DenseUnit unit = unit_for_interval(interval, KeyFormat::bf16, config, shape);
    for (const std::uint64_t cycles : unit.times(shape.keys, shape)) CHECK(cycles <= interval);
    for (const auto lanes :
         {&DenseUnit::score_lanes, &DenseUnit::exp_lanes, &DenseUnit::value_lanes, &DenseUnit::dividers}) {
      DenseUnit fewer = unit;
      if (--(fewer.*lanes) == 0) continue;
      const StageTimes times = fewer.times(shape.keys, shape);
      CHECK(*std::max_element(times.begin(), times.end()) > interval);
    }
  }
}

TEST_CASE("a full dense pipeline completes a query every longest stage, the first after all stages") {
  const Trace trace = random_trace(shape_of(1, 10, 96, 16), 1);
  Config config;
  const Workload workload(trace, config);
  const DenseUnit unit = unit_for_interval(60, KeyFormat::bf16, config, trace.shape);
  const StageTimes times = unit.times(96, trace.shape);
  const DenseRun run = run_dense(unit, workload, config, valid_keys_of(workload));
  const std::uint64_t all = times[0] + times[1] + times[2] + times[3];
  CHECK(run.first_query_latency == all);
  CHECK(run.cycles == all + 9 * *std::max_element(times.begin(), times.end()));
  CHECK(run.counts.score_macs == 10 * 96 * 16);
  CHECK(run.counts.value_macs == 10 * 96 * 16);
  CHECK(run.counts.key_reads == 10 * DenseUnit::issues(96 * 16, unit.score_lanes));
  CHECK(run.counts.value_bytes == 96 * 16 * 2);
}

TEST_CASE("queries that share reads read keys and values once") {
  const Trace trace = random_trace(shape_of(1, 8, 64, 16), 1);
  Config config;
  DenseUnit unit;
  unit.score_lanes = unit.value_lanes = 32;
  const Workload workload(trace, config);
  const DenseRun alone = run_dense(unit, workload, config, valid_keys_of(workload));
  unit.shared_reads = 4;
  const DenseRun shared = run_dense(unit, workload, config, valid_keys_of(workload));
  CHECK(alone.counts.key_reads == 8 * 64 * 16 / 32);
  // There are as many reads, each a quarter as wide, because a lane's operand serves four queries.
  CHECK(shared.counts.key_reads == alone.counts.key_reads);
  CHECK(shared.cycles == alone.cycles);
}

TEST_CASE("a slow DRAM bounds the dense unit") {
  const Trace trace = random_trace(shape_of(2, 4, 64, 16), 1);
  Config config;
  config.memory.bandwidth_gb_s = 0.5;  // half a byte per cycle
  const Workload workload(trace, config);
  const DenseRun run =
      run_dense(unit_for_interval(20, KeyFormat::bf16, config, trace.shape), workload, config, valid_keys_of(workload));
  CHECK(run.cycles == 2 * 64 * 16 * 2 * 2);
}

TEST_CASE("dense bf16 attention is exact attention but for its rounding, int8 attention for its steps") {
  const Trace trace = random_trace(shape_of(2, 6, 40, 16), 2);
  Config config;
  const Workload workload(trace, config);
  for (std::uint32_t head = 0; head < workload.head_count(); ++head) {
    const HeadId id = workload.id(head);
    std::vector<std::uint32_t> queries(6);
    std::iota(queries.begin(), queries.end(), 0u);
    const std::vector<float> rows = read_queries(trace, id, queries);
    const std::vector<ValidKeys> valid(6, workload.valid_keys(id)(0));
    for (const KeyFormat format : {KeyFormat::bf16, KeyFormat::int8}) {
      const DenseKeys keys = dense_keys(trace, id, format, NumberFormat::bf16);
      DenseAttention dense;
      dense.attend(keys, rows, query_scale(trace, id, format), workload.scale(0), valid, NumberFormat::bf16);
      for (std::uint32_t query = 0; query < 6; ++query) {
        const PlainAttention exact = plain_attention(trace, id, query, workload.scale(0), valid[query]);
        const double error = closeness(dense.output(query), exact.output).relative_l2;
        // bf16 is good to 2^-9, three roundings; a step of int8 is 1/127 of the largest of some hundred normals (3), so
        // a score of 16 products is off by some hundredths.
        CHECK(error < (format == KeyFormat::bf16 ? 0.02 : 0.05));
        CHECK(error > 0.0);
      }
    }
  }
}

// The unit's arithmetic one operation after the other, of a head without masks.
std::vector<float> plain_dense(const Trace& trace, std::uint32_t query, KeyFormat format, double scale) {
  const DenseKeys head = dense_keys(trace, {}, format, NumberFormat::bf16);
  std::vector<float> q = row_of(trace.layers[0].q, query), scores, output(trace.shape.value_dim);
  const float of_queries = query_scale(trace, {}, format);
  for (float& value : q) value = format == KeyFormat::bf16 ? round_bf16(value) : std::nearbyint(value / of_queries);
  for (std::uint32_t key = 0; key < trace.shape.keys; ++key) {
    const std::vector<float> raw = row_of(trace.layers[0].k, key);
    float sum = 0.0f;
    for (std::size_t d = 0; d < q.size(); ++d)
      sum += q[d] * (format == KeyFormat::bf16 ? round_bf16(raw[d]) : std::nearbyint(raw[d] / head.key_scale));
    scores.push_back(static_cast<float>(scale) * of_queries * head.key_scale * sum);
  }
  const float best = *std::max_element(scores.begin(), scores.end());
  float total = 0.0f;
  for (std::uint32_t key = 0; key < trace.shape.keys; ++key) {
    const float weight = round_bf16(static_cast<float>(std::exp(static_cast<double>(scores[key] - best))));
    const std::vector<float> v = row_of(trace.layers[0].v, key);
    total += weight;
    for (std::size_t d = 0; d < v.size(); ++d) output[d] += weight * round_bf16(v[d]);
  }
  for (float& element : output) element /= total;
  return output;
}

TEST_CASE("blocks of dense attention round as the unit does, operation by operation") {
  const Trace trace = random_trace(shape_of(1, 5, 150, 16), 1);
  const Workload workload(trace, Config{});
  const std::vector<std::uint32_t> queries{0, 1, 2, 3, 4};
  const std::vector<ValidKeys> valid(5, ValidKeys(0, 150, nullptr));
  for (const KeyFormat format : {KeyFormat::bf16, KeyFormat::int8}) {
    DenseAttention dense;
    dense.attend(dense_keys(trace, {}, format, NumberFormat::bf16), read_queries(trace, {}, queries),
                 query_scale(trace, {}, format), workload.scale(0), valid, NumberFormat::bf16);
    for (const std::uint32_t query : queries)
      CHECK(std::ranges::equal(dense.output(query), plain_dense(trace, query, format, workload.scale(0))));
  }
}

TEST_CASE("a share of the dense unit's accuracy is measured on at least one query of every head") {
  const Trace trace = random_trace(shape_of(3, 6, 40, 16), 1);
  const Config config;
  const Workload workload(trace, config);
  const std::array formats{KeyFormat::bf16, KeyFormat::int8};
  const std::vector<AccuracyFigures> least = dense_accuracy(workload, config, formats, 1e-8, 1, never);
  const std::vector<AccuracyFigures> all = dense_accuracy(workload, config, formats, 1.0, 2, never);
  for (const std::size_t format : {0u, 1u}) {
    CHECK(least[format].cosine > 0.99);
    CHECK(least[format].cosine < 1.0);
    CHECK(all[format].relative_l2 == Approx(least[format].relative_l2).epsilon(0.5));
    CHECK(all[format].worst_head_cosine <= all[format].cosine);
  }
  CHECK(dense_accuracy(workload, config, formats, 1.0, 1, never)[0].cosine == all[0].cosine);
}

TEST_CASE("int8 keys are the nearest whole numbers of their scale") {
  const Trace trace = random_trace(shape_of(1, 2, 8, 4), 1);
  const HeadId id{};
  const DenseKeys keys = dense_keys(trace, id, KeyFormat::int8, NumberFormat::bf16);
  std::vector<float> raw(8 * 4);
  trace.layers[0].k.read(0, raw);
  const auto key = [&](std::size_t i) { return keys.rows.panel(0)[i % 4 * simd::Panels::width + i / 4]; };
  float most = 0.0f;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    CHECK(std::abs(key(i) * keys.key_scale - raw[i]) <= 0.5001f * keys.key_scale);
    CHECK(key(i) == std::nearbyint(key(i)));
    most = std::max(most, std::abs(key(i)));
  }
  CHECK(most == 127.0f);
}

TEST_CASE("a dense unit is as fast as the machine, and one with fewer lanes is not") {
  const Trace trace = random_trace(shape_of(2, 20, 128, 32), 1);
  CompareRequest request;
  request.config = physical();
  request.accuracy_share = 0.0;
  const Comparison result = compare_with_dense(request, trace, never);
  CHECK(result.dense.cycles <= result.machine.stats.cycles);
  const Workload workload(trace, request.config);
  const DenseUnit slower = unit_for_interval(result.interval + 1, KeyFormat::bf16, request.config, trace.shape);
  CHECK(run_dense(slower, workload, request.config, valid_keys_of(workload)).cycles > result.machine.stats.cycles);
}

TEST_CASE("a dense unit of the machine's area takes no more, and one lane step more does") {
  const Trace trace = random_trace(shape_of(2, 20, 64, 16), 1);
  CompareRequest request;
  request.config = physical();
  request.iso = Iso::area;
  request.accuracy_share = 0.0;
  const Comparison result = compare_with_dense(request, trace, never);
  CHECK(result.dense_cost.area_um2.value <= result.machine.cost.area_um2.value);
  const DenseUnit larger = unit_for_interval(result.interval - 1, KeyFormat::bf16, request.config, trace.shape);
  double area = 0.0;
  const CardLibrary cards = read_cards(request.config);
  for (const ComponentPrice& component : dense_prices(larger, request.config, cards, trace.shape).components)
    area += component.area_um2.value;
  CHECK(area > result.machine.cost.area_um2.value);
}

TEST_CASE("what is saved is one less the quotient, its interval holds it") {
  const Trace trace = random_trace(shape_of(2, 10, 128, 32), 1);
  CompareRequest request;
  request.config = physical();
  request.accuracy_share = 0.0;
  const Comparison c = compare_with_dense(request, trace, never);
  CHECK(c.area.value == Approx(1.0 - c.machine.cost.area_um2.value / c.dense_cost.area_um2.value).epsilon(1e-12));
  CHECK(c.energy.value == Approx(1.0 - c.machine.cost.total_pj.value / c.dense_cost.total_pj.value).epsilon(1e-12));
  for (const Figure& r : {c.area, c.power, c.on_chip_power, c.energy, c.on_chip_energy}) {
    CHECK(r.low <= r.value);
    CHECK(r.value <= r.high);
  }
}

TEST_CASE("a module table has no dense unit") {
  CompareRequest request;
  CHECK_THROWS_AS(compare_with_dense(request, random_trace(shape_of(1, 2, 16, 8), 1), never), InputError);
}

TEST_CASE("the smallest n within an error is within it, and one key less is not") {
  const Trace trace = random_trace(shape_of(2, 10, 64, 32), 1);
  Config config;
  const IsoAccuracy nothing = smallest_within(1e-6, config, trace, 1.0, 1, never);
  CHECK(!nothing.found);
  const double loose = nothing.tried.back().relative_l2 * 1.02;  // of as many keys as two stages keep
  const IsoAccuracy found = smallest_within(loose, config, trace, 1.0, 1, never);
  REQUIRE(found.found);
  CHECK(found.found->relative_l2 <= loose);
  for (const Trial& trial : found.tried) {
    if (trial.n + 1 == found.found->n) CHECK(trial.relative_l2 > loose);
    if (trial.n == found.found->n && trial.bits < found.found->bits) CHECK(trial.relative_l2 > loose);
  }
}
