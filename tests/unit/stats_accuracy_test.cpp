// SPDX-License-Identifier: Apache-2.0
#include "stats/accuracy_meter.h"

#include <cmath>
#include <thread>

#include "stats/reference.h"
#include "support/catch.h"
#include "support/random_trace.h"

using namespace capcam;
using capcam::testing::make_trace;
using capcam::testing::random_trace;

namespace {

TraceShape shape_of(std::uint64_t heads, std::uint64_t kv_heads) {
  TraceShape shape;
  shape.batch = 2;
  shape.heads = heads;
  shape.kv_heads = kv_heads;
  shape.queries = 5;
  shape.keys = 12;
  shape.head_dim = 16;
  shape.value_dim = 8;
  return shape;
}

struct Answer {
  std::vector<Candidate> selection;
  std::vector<float> output;
};

// What a perfect machine would hand over.
Answer perfect(const Workload& workload, const Config& config, std::uint32_t head, std::uint32_t query, bool exact) {
  const HeadId id = workload.id(head);
  const ReferenceKeys keys = read_reference_keys(workload.trace(), id);
  const std::vector<float> row = read_query(workload.trace(), id, query);
  const ValidKeyRule rule = workload.valid_keys(id);
  const ReferenceResult result = exact
                                     ? exact_attention(keys, row, workload.scale(id.layer), rule(query), config.top_n.n)
                                     : ideal_attention(keys, row, ideal_exp_table(16, workload.score_scale(id.layer)),
                                                       rule(query), config.top_n.n);
  Answer answer;
  for (const std::uint32_t key : result.best) answer.selection.push_back({0, key});
  answer.output.assign(result.output.begin(), result.output.end());
  return answer;
}

void hand_over(AccuracyMeter& meter, std::uint32_t head, std::uint32_t query, const Answer& answer) {
  meter.take({head, query, answer.selection, answer.output});
}

}  // namespace

TEST_CASE("the exact output compared with itself is perfect") {
  const Trace trace = random_trace(shape_of(4, 2), 2);
  Config config;
  config.top_n.n = 5;
  const Workload workload(trace, config);
  AccuracyMeter meter(workload, config, 1.0);
  for (std::uint32_t head = 0; head < workload.head_count(); ++head) {
    for (std::uint32_t query = 0; query < 5; ++query) {
      hand_over(meter, head, query, perfect(workload, config, head, query, true));
    }
  }
  const Accuracy accuracy = meter.result();
  CHECK(accuracy.share == 1.0);
  CHECK(accuracy.measured_queries == 2 * 2 * 4 * 5);
  CHECK(accuracy.empty_queries == 0);
  CHECK(accuracy.exact.selection_recall == 1.0);
  CHECK(accuracy.exact.cosine == Approx(1.0).epsilon(1e-12));
  CHECK(accuracy.exact.worst_head_cosine == Approx(1.0).epsilon(1e-12));
  CHECK(accuracy.exact.relative_l2 < 1e-7);  // the output was rounded to fp32
  CHECK(accuracy.ideal.cosine < 0.999);      // one-bit attention is something else
  CHECK(accuracy.ideal.selection_recall < 1.0);
}

TEST_CASE("the ideal output compared with itself is perfect to the last bit") {
  const Trace trace = random_trace(shape_of(2, 1));
  Config config;
  config.top_n.n = 4;
  const Workload workload(trace, config);
  AccuracyMeter meter(workload, config, 1.0);
  for (std::uint32_t query = 0; query < 5; ++query) {
    for (std::uint32_t head = 0; head < workload.head_count(); ++head) {  // heads in turn, as of several cores
      hand_over(meter, head, query, perfect(workload, config, head, query, false));
    }
  }
  const Accuracy accuracy = meter.result();
  CHECK(accuracy.ideal.selection_recall == 1.0);
  CHECK(accuracy.ideal.relative_l2 == 0.0);
  CHECK(accuracy.ideal.cosine == Approx(1.0).epsilon(1e-12));
}

TEST_CASE("recall is the share of the reference's best keys that was kept") {
  const Trace trace = random_trace(shape_of(1, 1));
  Config config;
  config.top_n.n = 4;
  const Workload workload(trace, config);
  AccuracyMeter meter(workload, config, 1.0);
  Answer answer = perfect(workload, config, 0, 0, true);
  answer.selection.pop_back();  // 3 of 4
  hand_over(meter, 0, 0, answer);
  answer = perfect(workload, config, 0, 1, true);
  answer.selection.resize(1);  // 1 of 4
  hand_over(meter, 0, 1, answer);
  CHECK(meter.result().exact.selection_recall == Approx((3.0 / 4 + 1.0 / 4) / 2));
}

TEST_CASE("recall asks for no more keys than are valid") {
  Trace trace = random_trace(shape_of(1, 1));
  trace.causal = true;
  Config config;
  config.top_n.n = 32;
  const Workload workload(trace, config);
  AccuracyMeter meter(workload, config, 1.0);
  const Answer answer = perfect(workload, config, 0, 1, false);
  REQUIRE(answer.selection.size() == 2);  // keys 0 and 1
  hand_over(meter, 0, 1, answer);
  CHECK(meter.result().exact.selection_recall == 1.0);
  CHECK(meter.result().ideal.selection_recall == 1.0);
}

TEST_CASE("empty queries are counted and enter no mean") {
  const Trace trace = random_trace(shape_of(1, 1));
  const Config config;
  const Workload workload(trace, config);
  AccuracyMeter meter(workload, config, 1.0);
  hand_over(meter, 0, 0, perfect(workload, config, 0, 0, true));
  hand_over(meter, 0, 1, {{}, std::vector<float>(8)});
  hand_over(meter, 1, 1, {{}, std::vector<float>(8)});
  const Accuracy accuracy = meter.result();
  CHECK(accuracy.empty_queries == 2);
  CHECK(accuracy.measured_queries == 1);
  CHECK(accuracy.exact.selection_recall == 1.0);
  CHECK(accuracy.exact.worst_head_cosine == Approx(1.0));
}

TEST_CASE("the share picks evenly spread queries of the flat order") {
  const Trace trace = random_trace(shape_of(1, 1));  // 2 heads of 5 queries: flat indices 0 to 9
  const Config config;
  const Workload workload(trace, config);
  const auto measured = [&](double share, std::uint32_t head, std::uint32_t query) {
    AccuracyMeter meter(workload, config, share);
    hand_over(meter, head, query, perfect(workload, config, head, query, true));
    return meter.result().measured_queries == 1;
  };
  for (std::uint32_t flat = 0; flat < 10; ++flat) {
    CHECK(measured(0.5, flat / 5, flat % 5) == (flat % 2 == 1));  // floor((i + 1) / 2) > floor(i / 2)
    CHECK(measured(0.25, flat / 5, flat % 5) == (flat % 4 == 3));
    CHECK(measured(1.0, flat / 5, flat % 5));
    CHECK(!measured(0.0, flat / 5, flat % 5));
    for (const double less_than_one : {0.05, 0.0999, 1e-300})
      CHECK(measured(less_than_one, flat / 5, flat % 5) == (flat == 9));
  }
}

TEST_CASE("scores are counted by matching bits, with the sensing error of the kept keys") {
  // One query and three keys of four dimensions: 4, 3 and 1 bits match.
  TraceShape shape;
  shape.batch = shape.heads = shape.kv_heads = shape.queries = 1;
  shape.keys = 3;
  shape.head_dim = 4;
  shape.value_dim = 2;
  const std::vector<float> elements = {1, 1, 1, 1,                              // the query
                                       1, 1, 1, 1, 1, 1, 1, -1, 1, -1, -1, -1,  // the keys
                                       0, 0, 0, 0, 0, 0};
  auto next = elements.begin();
  const Trace trace = make_trace(shape, 1, [&] { return *next++; });
  Config config;
  config.sensing.bits = 6;  // a score of m matches is m * 64
  const Workload workload(trace, config);
  AccuracyMeter meter(workload, config, 1.0);
  hand_over(meter, 0, 0, {{{4 * 64 - 16, 0}, {1 * 64 + 32, 2}}, {0.0f, 0.0f}});  // a quarter too low, half too high
  const Accuracy accuracy = meter.result();
  CHECK(accuracy.scores_per_match == 64);
  REQUIRE(accuracy.scores.size() == 1);
  const auto& bins = accuracy.scores[0].bins;
  REQUIRE(bins.size() == 4 + 1);
  for (const std::size_t m : {0, 1, 2, 3, 4}) {
    CHECK(bins[m].valid == (m == 1 || m == 3 || m == 4 ? 1 : 0));
    CHECK(bins[m].kept == (m == 1 || m == 4 ? 1 : 0));
  }
  CHECK(bins[4].error_sum == -16);
  CHECK(bins[4].absolute_error_sum == 16);
  CHECK(bins[4].largest_error == -16);
  CHECK(bins[1].least_error == 32);
}

TEST_CASE("the worst head is the one with the lowest mean cosine") {
  const Trace trace = random_trace(shape_of(2, 2));
  const Config config;
  const Workload workload(trace, config);
  AccuracyMeter meter(workload, config, 1.0);
  for (std::uint32_t head = 0; head < 3; ++head) {
    for (std::uint32_t query = 0; query < 2; ++query) {
      Answer answer = perfect(workload, config, head, query, true);
      // Head 1 turns one of its two outputs around: cosines 1 and -1.
      if (head == 1 && query == 1) {
        for (float& element : answer.output) element = -element;
      }
      hand_over(meter, head, query, answer);
    }
  }
  const Accuracy accuracy = meter.result();
  CHECK(accuracy.exact.worst_head_cosine == Approx((1.0 - 1.0) / 2).margin(1e-9));
  CHECK(accuracy.exact.cosine == Approx((5 * 1.0 - 1.0) / 6));
  CHECK(accuracy.exact.relative_l2 == Approx((5 * 0.0 + 2.0) / 6).margin(1e-6));  // |-r - r| / |r| = 2
}

TEST_CASE("results that were examined by several threads give the same means to the last bit") {
  const Trace trace = random_trace(shape_of(2, 1));
  Config config;
  config.top_n.n = 3;
  const Workload workload(trace, config);
  AccuracyMeter alone(workload, config, 1.0), helped(workload, config, 1.0);
  struct Task {
    std::uint32_t head, query;
    Answer answer;
  };
  std::vector<Task> tasks;
  for (std::uint32_t head = 0; head < workload.head_count(); ++head) {
    for (std::uint32_t query = 0; query < 5; ++query) {
      Answer answer = perfect(workload, config, head, query, query % 2 == 0);
      if (query == 4) answer.selection.clear();
      tasks.push_back({head, query, answer});
    }
  }
  const auto result = [](const Task& task) {
    return QueryResult{task.head, task.query, task.answer.selection, task.answer.output};
  };
  {
    std::vector<std::jthread> threads;
    for (std::size_t first = 0; first < 3; ++first) {
      threads.emplace_back([&, first] {
        for (std::size_t i = first; i < tasks.size(); i += 3)
          if (i != 6) helped.examine(result(tasks[i]));  // one that nobody examined
      });
    }
  }
  for (const Task& task : tasks) {
    alone.take(result(task));
    helped.take(result(task));
  }
  const Accuracy one = alone.result(), two = helped.result();
  CHECK(two.measured_queries == one.measured_queries);
  CHECK(two.empty_queries == one.empty_queries);
  CHECK(two.exact.cosine == one.exact.cosine);
  CHECK(two.exact.worst_head_cosine == one.exact.worst_head_cosine);
  CHECK(two.ideal.relative_l2 == one.ideal.relative_l2);
  CHECK(two.ideal.selection_recall == one.ideal.selection_recall);
}

TEST_CASE("a meter that measured nothing reports zeros") {
  const Trace trace = random_trace(shape_of(1, 1));
  const Workload workload(trace, Config{});
  const Accuracy accuracy = AccuracyMeter(workload, Config{}, 1.0).result();
  CHECK(accuracy.measured_queries == 0);
  CHECK(accuracy.exact.cosine == 0.0);
  CHECK(accuracy.ideal.worst_head_cosine == 0.0);
}

TEST_CASE("cosine and relative error of zero vectors are defined") {
  const std::vector<float> zero(2), one = {1.0f, 0.0f};
  const std::vector<double> zero_reference(2), two_reference = {2.0, 0.0};
  CHECK(cosine(zero, zero_reference) == 1.0);
  CHECK(cosine(one, zero_reference) == 0.0);
  CHECK(cosine(zero, two_reference) == 0.0);
  CHECK(cosine(one, two_reference) == 1.0);
  CHECK(relative_l2(zero, zero_reference) == 0.0);
  CHECK(relative_l2(one, zero_reference) == 1.0);
  CHECK(relative_l2(zero, two_reference) == 1.0);
  CHECK(relative_l2(one, two_reference) == 0.5);  // |1 - 2| / 2
}
