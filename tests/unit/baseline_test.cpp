// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <numeric>

#include "capcam/error.h"
#include "capcam/simulate.h"
#include "cost/blocks/blocks.h"
#include "kernels/softmax.h"
#include "stats/closeness.h"
#include "stats/reference.h"
#include "studies/compare/compare.h"
#include "studies/compare/dense_attention.h"
#include "studies/compare/dense_prices.h"
#include "studies/compare/dense_run.h"
#include "studies/compare/digital_binary.h"
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

TEST_CASE("a dense stage takes a row of a key in several cycles, or several rows in one") {
  DenseUnit unit;
  unit.block = 4;
  unit.score_lanes = 24;  // a row of 64 elements takes 3 cycles
  unit.exp_lanes = 8;
  unit.value_lanes = 128;  // 2 rows a cycle
  unit.output_lanes = 16;
  const TraceShape shape = shape_of(1, 1, 1024, 64);
  CHECK(unit.issues(101, true, shape) == StageTimes{303, 51, 51, 4 * 64 / 16});  // 4 x 101 exponentials by 8
  CHECK(unit.issues(101, false, shape)[3] == 0);
  CHECK(unit.latencies() == StageTimes{4, 1, 4, 3});
}

TEST_CASE("a unit sized for an interval has the fewest lanes that keep it") {
  const Config config;
  const TraceShape shape = shape_of(1, 1, 1000, 64);
  for (const std::uint64_t interval : {1u, 5u, 50u, 327u, 1000u, 64000u}) {
    for (const std::uint64_t block : {1u, 16u}) {
      const DenseUnit unit = unit_for_interval(interval, KeyFormat::bf16, block, 1000, config, shape);
      for (const std::uint64_t cycles : unit.issues(shape.keys, true, shape)) CHECK(cycles <= interval * block);
      for (const auto lanes :
           {&DenseUnit::score_lanes, &DenseUnit::exp_lanes, &DenseUnit::value_lanes, &DenseUnit::output_lanes}) {
        DenseUnit fewer = unit;
        if (--(fewer.*lanes) == 0) continue;
        const StageTimes times = fewer.issues(shape.keys, true, shape);
        CHECK(*std::max_element(times.begin(), times.end()) > interval * block);
      }
    }
  }
}

TEST_CASE("a full dense pipeline completes a block every longest stage, the first after all stages") {
  const Trace trace = random_trace(shape_of(1, 10, 96, 16), 1);
  Config config;
  const Workload workload(trace, config);
  const DenseUnit unit = unit_for_interval(60, KeyFormat::bf16, 1, 96, config, trace.shape);
  // 2 rows a cycle, 2 exponentials, 1 output.
  CHECK(unit.issues(96, true, trace.shape) == StageTimes{48, 48, 48, 16});
  const DenseRun run = run_dense(unit, workload, config, valid_keys_of(workload));
  const std::uint64_t all = (48 + 4) + (48 + 1) + (48 + 4) + (16 + 3);
  CHECK(run.first_query_latency == all);
  CHECK(run.cycles == all + 9 * 48);
  CHECK(run.counts.score_macs == 10 * 96 * 16);
  CHECK(run.counts.value_macs == 10 * 96 * 16);
  CHECK(run.counts.key_rows == 10 * 96);
  CHECK(run.counts.value_bytes == 96 * 16 * 2);
}

TEST_CASE("chunks of a block overlap in the stages, and each adds its sums to the outputs") {
  const Trace trace = random_trace(shape_of(1, 1, 96, 16), 1);
  Config config;
  const Workload workload(trace, config);
  const DenseUnit unit = unit_for_interval(60, KeyFormat::bf16, 1, 24, config, trace.shape);
  const DenseRun run = run_dense(unit, workload, config, valid_keys_of(workload));
  // A chunk of 24 keys takes 12 cycles a stage; four follow one another through three stages, then come the outputs.
  CHECK(run.cycles == (12 + 4) + (12 + 1) + (12 + 4) + 3 * 12 + (16 + 3));
  CHECK(run.counts.folded_outputs == 4 * 16);
  CHECK(run.counts.outputs == 16);
}

TEST_CASE("queries of a block read keys and values once, and multiply as often as alone") {
  const Trace trace = random_trace(shape_of(1, 8, 64, 16), 1);
  Config config;
  DenseUnit unit;
  unit.score_lanes = unit.value_lanes = 16;
  unit.chunk = 64;
  const Workload workload(trace, config);
  const DenseRun alone = run_dense(unit, workload, config, valid_keys_of(workload));
  unit.block = 4;
  const DenseRun shared = run_dense(unit, workload, config, valid_keys_of(workload));
  CHECK(alone.counts.key_rows == 8 * 64);
  CHECK(shared.counts.key_rows == 2 * 64);
  CHECK(shared.counts.value_rows == 2 * 64);
  CHECK(shared.counts.score_macs == alone.counts.score_macs);
}

TEST_CASE("a slow DRAM bounds the dense unit, and int8 loads half of what bf16 does") {
  const Trace trace = random_trace(shape_of(2, 4, 64, 16), 1);
  Config config;
  config.memory.bandwidth_gb_s = 0.5;  // half a byte per cycle
  const Workload workload(trace, config);
  const auto cycles = [&](KeyFormat format) {
    return run_dense(unit_for_interval(20, format, 1, 64, config, trace.shape), workload, config,
                     valid_keys_of(workload))
        .cycles;
  };
  CHECK(cycles(KeyFormat::bf16) == 2 * 64 * (16 + 16) * 2 * 2);  // heads, keys, dimensions, bytes, cycles a byte
  CHECK(cycles(KeyFormat::int8) == 2 * 64 * (16 + 16) * 2);
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
      const DenseKeys keys = dense_keys(trace, id, format);
      DenseAttention dense;
      dense.attend(keys, rows, query_scale(trace, id, keys, workload.scale(0)), valid, NumberFormat::bf16);
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
  const DenseKeys head = dense_keys(trace, {}, format);
  const QueryScale of_queries = query_scale(trace, {}, head, scale);
  const bool whole = format == KeyFormat::int8;
  std::vector<float> q = row_of(trace.layers[0].q, query), scores, output(trace.shape.value_dim);
  for (float& value : q)
    value = whole ? std::nearbyint(value * of_queries.factor) : round_bf16(value * of_queries.factor);
  for (std::uint32_t key = 0; key < trace.shape.keys; ++key) {
    const std::vector<float> raw = row_of(trace.layers[0].k, key);
    float sum = 0.0f;
    for (std::size_t d = 0; d < q.size(); ++d)
      sum += q[d] * (whole ? std::nearbyint(raw[d] / head.key_scale) : round_bf16(raw[d]));
    scores.push_back(std::nearbyint(sum * of_queries.score * 256.0f) / 256.0f);
  }
  const float best = *std::max_element(scores.begin(), scores.end());
  float total = 0.0f;
  for (std::uint32_t key = 0; key < trace.shape.keys; ++key) {
    const auto power = static_cast<float>(std::exp2(static_cast<double>(scores[key] - best)));
    const float weight = whole ? std::nearbyint(255.0f * power) : round_bf16(power);
    const std::vector<float> v = row_of(trace.layers[0].v, key);
    total += weight;
    for (std::size_t d = 0; d < v.size(); ++d)
      output[d] += weight * (whole ? std::nearbyint(v[d] / head.value_scale) : round_bf16(v[d]));
  }
  for (float& element : output) element = element / total * head.value_scale;
  return output;
}

TEST_CASE("blocks of dense attention round as the unit does, operation by operation") {
  const Trace trace = random_trace(shape_of(1, 5, 150, 16), 1);
  const Workload workload(trace, Config{});
  const std::vector<std::uint32_t> queries{0, 1, 2, 3, 4};
  const std::vector<ValidKeys> valid(5, ValidKeys(0, 150, nullptr));
  for (const KeyFormat format : {KeyFormat::bf16, KeyFormat::int8}) {
    DenseAttention dense;
    const DenseKeys keys = dense_keys(trace, {}, format);
    dense.attend(keys, read_queries(trace, {}, queries), query_scale(trace, {}, keys, workload.scale(0)), valid,
                 NumberFormat::bf16);
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
  const DenseKeys keys = dense_keys(trace, id, KeyFormat::int8);
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

TEST_CASE("int8 queries carry all scales, so that a score in powers of two takes a shift and no product") {
  const Trace trace = random_trace(shape_of(1, 6, 40, 16), 2);
  const DenseKeys keys = dense_keys(trace, {}, KeyFormat::int8);
  const QueryScale scale = query_scale(trace, {}, keys, 0.25);
  int exponent = 0;
  CHECK(std::frexp(scale.score, &exponent) == 0.5f);  // a power of two
  CHECK(scale.factor * scale.score == Approx(0.25 * std::numbers::log2e * keys.key_scale).epsilon(1e-6));
  float most = 0.0f;
  for (std::uint32_t query = 0; query < 6; ++query)
    for (const float value : row_of(trace.layers[0].q, query)) most = std::max(most, std::abs(value * scale.factor));
  CHECK(most <= 127.0f);
  CHECK(most > 63.5f);
}

namespace {

CompareRequest request_of(Kind kind) {
  CompareRequest request;
  request.config = physical();
  request.kind = kind;
  request.accuracy_share = 0.0;
  return request;
}

}  // namespace

TEST_CASE(
    "the baseline is the least energy times area of those as fast as the machine, a block of one among the tried") {
  const Trace trace = random_trace(shape_of(2, 20, 128, 32), 1);
  for (const Kind kind : {Kind::dense, Kind::digital_binary}) {
    const Comparison c = baseline::compare(request_of(kind), trace, never);
    CHECK(c.cycles <= c.machine.stats.cycles);
    const double product = c.cost.total_pj.value * c.cost.area_um2.value;
    bool alone = false, taken = false;
    for (const Tried& one : c.tried) {
      if (one.meets) CHECK(one.energy_pj * one.area_um2 >= product * (1.0 - 1e-12));
      CHECK(one.meets == (one.cycles <= c.machine.stats.cycles));
      alone = alone || one.unit.find("locks of 1 quer") != std::string::npos;
      taken = taken || one.unit == c.unit;
    }
    CHECK(alone);
    CHECK(taken);
  }
}

TEST_CASE("of units of the machine's area the fastest is taken") {
  const Trace trace = random_trace(shape_of(2, 20, 64, 16), 1);
  CompareRequest request = request_of(Kind::dense);
  request.iso = Iso::area;
  const Comparison c = baseline::compare(request, trace, never);
  CHECK(c.cost.area_um2.value <= c.machine.cost.area_um2.value);
  for (const Tried& one : c.tried) {
    CHECK(one.area_um2 <= c.machine.cost.area_um2.value);
    CHECK(one.cycles >= c.cycles);
  }
}

TEST_CASE("what is saved is one less the ratio, whose interval is of cards that move both") {
  const Comparison c = baseline::compare(request_of(Kind::dense), random_trace(shape_of(2, 10, 128, 32), 1), never);
  CHECK(c.area.value == Approx(1.0 - c.machine.cost.area_um2.value / c.cost.area_um2.value).epsilon(1e-9));
  CHECK(c.energy.value == Approx(1.0 - c.machine.cost.total_pj.value / c.cost.total_pj.value).epsilon(1e-9));
  for (const ComparedFigure& figure : c.figures) {
    CHECK(figure.ratio.low <= figure.ratio.median);
    CHECK(figure.ratio.median <= figure.ratio.high);
    // Extremes of either side taken apart would be wider: shared cards cannot be low in one and high in the other.
    CHECK(figure.ratio.high / figure.ratio.low <=
          (figure.machine.high / figure.baseline.low) / (figure.machine.low / figure.baseline.high) * (1.0 + 1e-9));
  }
}

TEST_CASE("a module table has no digital baseline") {
  CompareRequest request;
  const Trace trace = random_trace(shape_of(1, 2, 16, 8), 1);
  CHECK_THROWS_AS(baseline::compare(request, trace, never), InputError);
}

TEST_CASE("a digital unit for one-bit keys keeps what the machine keeps with exact scores") {
  const Trace trace = random_trace(shape_of(2, 20, 128, 32), 1);
  CompareRequest request = request_of(Kind::digital_binary);
  request.accuracy_share = 1.0;
  const Comparison c = baseline::compare(request, trace, never);
  Config exact = request.config;
  exact.sensing.kind = "ideal";
  const Accuracy accuracy = measure_accuracy(exact, PreparedTrace(trace), *fast_engine(1), 1.0, never);
  CHECK(c.accuracy->cosine == accuracy.exact->cosine);
  CHECK(c.accuracy->relative_l2 == accuracy.exact->relative_l2);
}

TEST_CASE("a digital stream takes a tile in the time of its keys, and its block reads each key once") {
  const Trace trace = random_trace(shape_of(1, 8, 1024, 64), 1);
  const Config config = physical();
  const auto run = [&](const BinaryUnit& unit) {
    SimulateOptions options;
    options.accuracy_share = 0.0;
    return simulate(machine_of(unit, config), trace, *fast_engine(1), options);
  };
  const auto bits = [](const Report& report) {
    for (const Action& action : binary_actions(report.stats.counts))
      if (action.full_name() == "key_sram.read_bit") return action.count;
    return std::uint64_t{0};
  };
  const Report alone = run({BinaryKind::stream, 1, 4, 1});
  // 64 tiles of 16 keys, four keys a cycle; then the count, the score, the tile's selection and the register.
  CHECK(alone.stats.stages[0].busy == 8 * (64 * 4 + (1 + 2 + 2 + 1)));
  CHECK(bits(alone) == 8 * 1024 * 64);
  CHECK(bits(run({BinaryKind::stream, 4, 1, 1})) == 2 * 1024 * 64);
  // 64 register arrays hold all keys: they are written once.
  CHECK(bits(run({BinaryKind::array, 1, 16, 64})) == 1024 * 64);
}

TEST_CASE("XNOR, popcount and register of a 64-bit key are the sum of their gates, adders and bits") {
  const Config config = physical();
  const CardLibrary cards = read_cards(config);
  const TraceShape shape = shape_of(1, 1, 1024, 64);
  const MachinePrices prices = binary_prices({BinaryKind::stream, 2, 4, 1}, config, cards, shape);
  const Blocks blocks(cards.units, {config.cost.node_nm, config.cost.supply_v});
  const auto one = [&](const std::string& name) {
    return *std::find_if(prices.components.begin(), prices.components.end(),
                         [&](const ComponentPrice& c) { return c.name == name; });
  };
  // 64 XNORs of two gates, 63 full adders that make a number of 64 bits, a register for 0 to 64.
  const auto sum = [&](auto of) { return 64 * 2 * of("logic_bit") + 63 * of("adder_bit") + 7 * of("register_bit"); };
  CHECK(one("popcount").actions[0].energy_pj.value ==
        Approx(sum([&](const char* unit) { return blocks.energy_pj(unit).value; })).epsilon(1e-12));
  CHECK(one("popcount").instances == 2 * 4);
  CHECK(one("popcount").area_um2.value ==
        Approx(8 * sum([&](const char* unit) { return blocks.area_um2(unit).value; })).epsilon(1e-12));
  for (const char* analogue : {"cam_array", "search_line", "matchline", "converter"})
    CHECK(std::none_of(prices.components.begin(), prices.components.end(),
                       [&](const ComponentPrice& c) { return c.name == analogue; }));
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
