// SPDX-License-Identifier: Apache-2.0
#include "report/workload_report.h"

#include "support/catch.h"

namespace capcam {
namespace {

const TraceShape shape{2, 4, 4, 10, 20, 8, 8};  // two sequences, ten queries each

TEST_CASE("without a workload and without a battery there is nothing to say") {
  CHECK_FALSE(workload_report(std::nullopt, std::nullopt, shape, 3, 100.0, 1e6).has_value());
}

TEST_CASE("an inference is a sequence, scaled from the layers run to the model's") {
  // 3 of 12 layers, 2 sequences: half an inference in 100 us and 4 uJ.
  const auto report = workload_report(WorkloadBudget{"speech", 12, {}, 0.5, {}}, std::nullopt, shape, 3, 100.0, 4e6);
  REQUIRE(report.has_value());
  CHECK(report->latency_us == Approx(200.0));
  CHECK(report->energy_uj == Approx(8.0));
  REQUIRE(report->real_time_factor.has_value());
  CHECK(*report->real_time_factor == Approx(200e-6 / 0.5));
  CHECK(workload_json(*report)["scope"] == "attention only");
  CHECK(workload_json(*report)["battery"].is_null());
  CHECK_THAT(workload_text(*report), ContainsSubstring("attention only") && ContainsSubstring("keeps up"));
}

TEST_CASE("heads that were left out are scaled up too") {
  // 4 of 8 heads in 3 of 6 layers, 2 sequences: half an inference.
  const auto report = workload_report(WorkloadBudget{"speech", 6, 8, 0.5, {}}, std::nullopt, shape, 3, 100.0, 4e6);
  CHECK(report->latency_us == Approx(200.0));
  CHECK(report->energy_uj == Approx(8.0));
  CHECK_THAT(workload_text(*report), ContainsSubstring("6 layers of 8 heads, the run 3 of 4"));
}

TEST_CASE("tokens a second are the queries'") {
  const auto report = workload_report(WorkloadBudget{"phone", {}, {}, {}, 5.0}, std::nullopt, shape, 3, 8e6, 1.0);
  REQUIRE(report.has_value());
  CHECK(report->budget_s.value() == Approx(10 / 5.0));
  CHECK(*report->real_time_factor == Approx(4.0 / 2.0));  // 8 s for two sequences
  CHECK_THAT(workload_text(*report), ContainsSubstring("too slow"));
}

TEST_CASE("a battery lasts its watt-hours over the power in use and the duty") {
  // 2 J per inference and one inference every 0.5 s are 4 W.
  const auto keeps_up = workload_report(WorkloadBudget{"speech", 1, {}, 0.5, {}}, BatteryRequest{10.0, 0.25},
                                        {1, 1, 1, 1, 1, 1, 1}, 1, 1e5, 2e12);
  REQUIRE(keeps_up->battery.has_value());
  CHECK(keeps_up->battery->inferences_per_wh == Approx(3600.0 / 2.0));
  CHECK(keeps_up->battery->inferences == Approx(10 * 3600.0 / 2.0));
  CHECK(keeps_up->battery->power_mw == Approx(4000.0));
  CHECK(keeps_up->battery->hours == Approx(10.0 / (4.0 * 0.25)));
  // The machine is too slow by half: one inference per second, 2 W.
  const auto too_slow = workload_report(WorkloadBudget{"speech", 1, {}, 0.5, {}}, BatteryRequest{10.0, 1.0},
                                        {1, 1, 1, 1, 1, 1, 1}, 1, 1e6, 2e12);
  CHECK(too_slow->battery->power_mw == Approx(2000.0));
  CHECK(too_slow->battery->hours == Approx(5.0));
}

}  // namespace
}  // namespace capcam
