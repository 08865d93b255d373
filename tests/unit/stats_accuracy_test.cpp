// SPDX-License-Identifier: Apache-2.0
#include "stats/accuracy_meter.h"

#include <cmath>
#include <thread>

#include "support/catch.h"
#include "support/plain_attention.h"
#include "support/random_trace.h"

using namespace capcam;
using capcam::testing::make_trace;
using capcam::testing::plain_attention;
using capcam::testing::PlainAttention;
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

// The result that a perfect machine would hand over.
Answer perfect(const Workload& workload, const Config& config, std::uint32_t head, std::uint32_t query, bool exact) {
  const HeadId id = workload.id(head);
  const ValidKeys valid = workload.valid_keys(id)(query);
  Answer answer;
  if (exact) {
    const PlainAttention plain = plain_attention(workload.trace(), id, query, workload.scale(0), valid);
    for (const std::uint32_t key : plain.best) {
      if (answer.selection.size() < config.top_n.n) answer.selection.push_back({0, key});
    }
    answer.output.assign(plain.output.begin(), plain.output.end());
    return answer;
  }
  const MeasuredHead reference(workload, id, config.top_n.n);
  BitRows bits({16, 16}, 1);
  bits.pack(0, read_queries(workload.trace(), id, {&query, 1}));
  IdealAttention::Result ideal;
  reference.ideal.attend(bits, 0, valid, ideal);
  for (const std::uint32_t key : ideal.keys) answer.selection.push_back({0, key});
  answer.output = ideal.output;
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
  CHECK(accuracy.exact->selection_recall == 1.0);
  CHECK(accuracy.exact->cosine == Approx(1.0).epsilon(1e-12));
  CHECK(accuracy.exact->worst_head_cosine == Approx(1.0).epsilon(1e-12));
  CHECK(accuracy.exact->relative_l2 < 3e-7);  // the output was rounded to fp32, the reference has its own error
  CHECK(accuracy.ideal->cosine < 0.999);      // one-bit attention is something else
  CHECK(accuracy.ideal->selection_recall < 1.0);
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
  CHECK(accuracy.ideal->selection_recall == 1.0);
  CHECK(accuracy.ideal->relative_l2 == 0.0);
  CHECK(accuracy.ideal->cosine == Approx(1.0).epsilon(1e-12));
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
  CHECK(meter.result().exact->selection_recall == Approx((3.0 / 4 + 1.0 / 4) / 2));
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
  CHECK(meter.result().exact->selection_recall == 1.0);
  CHECK(meter.result().ideal->selection_recall == 1.0);
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
  CHECK(accuracy.exact->selection_recall == 1.0);
  CHECK(accuracy.exact->worst_head_cosine == Approx(1.0));
}

TEST_CASE("of a share the meter measures the queries that the sample picks") {
  const Trace trace = random_trace(shape_of(1, 1));  // 2 heads of 5 queries
  const Config config;
  const Workload workload(trace, config);
  for (const double share : {0.0, 1e-300, 0.25, 0.5, 1.0}) {
    const QuerySample sample(2, 5, share);
    AccuracyMeter meter(workload, config, share);
    std::uint64_t picked = 0;
    for (std::uint32_t head = 0; head < 2; ++head) {
      for (std::uint32_t query = 0; query < 5; ++query) {
        hand_over(meter, head, query, perfect(workload, config, head, query, true));
        picked += sample.place(head, query) ? 1 : 0;
      }
    }
    const Accuracy accuracy = meter.result();
    CHECK(accuracy.measured_queries == picked);
    CHECK(picked == sample.size());
    CHECK(accuracy.share == share);
    for (std::uint32_t head = 0; head < 2; ++head) {
      CHECK(accuracy.heads[head].measured_queries == sample.count(head));
      CHECK((share == 0.0 || sample.count(head) > 0));
    }
  }
}

TEST_CASE("the standard error is that of a mean of draws without replacement") {
  // Outputs of cosine 1 and -1 in turn: the figures of a sample of n of 10 have the variance n / (n - 1).
  const Trace trace = random_trace(shape_of(1, 1));
  const Config config;
  const Workload workload(trace, config);
  const QuerySample sample(2, 5, 0.4);
  REQUIRE(sample.size() == 4);
  AccuracyMeter some(workload, config, 0.4), one(workload, config, 1.0), all(workload, config, 1.0);
  int turned = 0;
  for (std::uint32_t head = 0; head < 2; ++head) {
    for (std::uint32_t query = 0; query < 5; ++query) {
      Answer answer = perfect(workload, config, head, query, true);
      hand_over(all, head, query, answer);
      if (!sample.place(head, query)) continue;
      if (turned == 0) hand_over(one, head, query, answer);
      if (turned++ % 2 == 0) {
        for (float& element : answer.output) element = -element;
      }
      hand_over(some, head, query, answer);
    }
  }
  const Accuracy accuracy = some.result();
  CHECK(accuracy.exact->cosine == Approx(0.0).margin(1e-9));
  REQUIRE(accuracy.exact_error.cosine);
  CHECK(*accuracy.exact_error.cosine == Approx(std::sqrt(4.0 / 3 / 4 * (1 - 0.4))).epsilon(1e-9));
  CHECK(*accuracy.exact_error.selection_recall == 0.0);
  CHECK(*all.result().exact_error.cosine == 0.0);
  CHECK(!one.result().exact_error.cosine);  // one query says nothing of the spread
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
  CHECK(accuracy.exact->worst_head_cosine == Approx((1.0 - 1.0) / 2).margin(1e-9));
  CHECK(accuracy.exact->cosine == Approx((5 * 1.0 - 1.0) / 6));
  CHECK(accuracy.exact->relative_l2 == Approx((5 * 0.0 + 2.0) / 6).margin(1e-6));  // |-r - r| / |r| = 2
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
  CHECK(two.exact->cosine == one.exact->cosine);
  CHECK(two.exact->worst_head_cosine == one.exact->worst_head_cosine);
  CHECK(two.ideal->relative_l2 == one.ideal->relative_l2);
  CHECK(two.ideal->selection_recall == one.ideal->selection_recall);
}

TEST_CASE("a meter that measured nothing has no figures") {
  const Trace trace = random_trace(shape_of(1, 1));
  const Workload workload(trace, Config{});
  const Accuracy accuracy = AccuracyMeter(workload, Config{}, 1.0).result();
  CHECK(accuracy.measured_queries == 0);
  CHECK_FALSE(accuracy.exact);
  CHECK_FALSE(accuracy.ideal);
}

TEST_CASE("cosine and relative error of zero vectors are defined") {
  const std::vector<float> zero(2), one = {1.0f, 0.0f};
  const std::vector<double> zero_reference(2), two_reference = {2.0, 0.0};
  CHECK(closeness(zero, zero_reference).cosine == 1.0);
  CHECK(closeness(one, zero_reference).cosine == 0.0);
  CHECK(closeness(zero, two_reference).cosine == 0.0);
  CHECK(closeness(one, two_reference).cosine == 1.0);
  CHECK(closeness(zero, zero_reference).relative_l2 == 0.0);
  CHECK(closeness(one, zero_reference).relative_l2 == 1.0);
  CHECK(closeness(zero, two_reference).relative_l2 == 1.0);
  CHECK(closeness(one, two_reference).relative_l2 == 0.5);  // |1 - 2| / 2
}

TEST_CASE("closeness of vectors of any length is cosine and relative error") {
  for (const std::size_t length : {1u, 7u, 8u, 9u, 64u, 67u}) {
    std::vector<float> output;
    std::vector<double> reference;
    double dot = 0.0, of_output = 0.0, of_reference = 0.0, difference = 0.0;
    for (std::size_t i = 0; i < length; ++i) {
      output.push_back(static_cast<float>(i % 5) - 1.5f);
      reference.push_back(static_cast<double>(i % 3) + 0.25);
      dot += output[i] * reference[i];
      of_output += double{output[i]} * output[i];
      of_reference += reference[i] * reference[i];
      difference += (output[i] - reference[i]) * (output[i] - reference[i]);
    }
    const Closeness both = closeness(output, reference);
    CHECK(both.cosine == Approx(dot / std::sqrt(of_output * of_reference)));
    CHECK(both.relative_l2 == Approx(std::sqrt(difference / of_reference)));
  }
}
