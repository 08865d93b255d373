// Every caller of the flow reports the same for the same machine.
// SPDX-License-Identifier: Apache-2.0
#include "capcam/simulate.h"
#include "report/make_report.h"
#include "studies/compare/compare.h"
#include "studies/sweep/points/point_run.h"
#include "support/catch.h"
#include "support/random_trace.h"

using namespace capcam;

namespace {

// The machine has more cores than heads, so that it has a warning of its own.
Config machine_with_idle_cores() {
  Config config;
  config.cost.library = "physical";
  config.accelerator.cores = 8;
  config.seed = 3;
  return config;
}

Trace small_trace() {
  TraceShape shape;
  shape.batch = 1;
  shape.heads = shape.kv_heads = 2;
  shape.queries = 5;
  shape.keys = 40;
  shape.head_dim = shape.value_dim = 16;
  return capcam::testing::random_trace(shape, 1, 7);
}

std::string told(const Report& report) { return report_to_json(report).dump(); }

}  // namespace

TEST_CASE("a sweep's point, a comparison's machine and a run have the same report") {
  const Config config = machine_with_idle_cores();
  const Trace trace = small_trace();
  const Report run = simulate(config, trace, *fast_engine(2));
  REQUIRE(!run.warnings.empty());

  SweepTraces traces;
  traces.push_back(std::make_unique<const PreparedTrace>(trace));
  SweepPoint point;
  point.config = config;
  CHECK(told(PointRunner(traces, 1.0, [] { return false; }).run(point)) == told(run));

  baseline::CompareRequest request;
  request.config = config;
  CHECK(told(baseline::compare(request, trace, [] { return false; }).machine) == told(run));
}

TEST_CASE("a prepared trace gives what the trace gives, however often it is used") {
  const Config config = machine_with_idle_cores();
  const PreparedTrace prepared(small_trace());
  const std::string once = told(simulate(config, prepared, *fast_engine(1)));
  CHECK(told(simulate(config, prepared, *fast_engine(1))) == once);
  CHECK(told(simulate(config, small_trace(), *fast_engine(1))) == once);
}

TEST_CASE("leaving accuracy out changes nothing but the accuracy") {
  const Config config = machine_with_idle_cores();
  SimulateOptions without;
  without.accuracy_share = 0.0;
  nlohmann::ordered_json measured = report_to_json(simulate(config, small_trace(), *fast_engine(1)));
  nlohmann::ordered_json plain = report_to_json(simulate(config, small_trace(), *fast_engine(1), without));
  CHECK(plain["accuracy"] != measured["accuracy"]);
  plain.erase("accuracy");
  measured.erase("accuracy");
  CHECK(plain == measured);
}

TEST_CASE("a comparison of less than one query still measures the dense unit on one of every head") {
  baseline::CompareRequest request;
  request.config = machine_with_idle_cores();
  request.accuracy_share = 1e-8;
  const baseline::Comparison result = baseline::compare(request, small_trace(), [] { return false; });
  REQUIRE(result.accuracy);
  CHECK(result.machine.accuracy.measured_queries == result.machine.accuracy.heads.size());
  CHECK(result.accuracy->cosine > 0.99);  // bf16 keys: nearly exact
}
