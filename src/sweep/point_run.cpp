// SPDX-License-Identifier: Apache-2.0
#include "sweep/point_run.h"

#include <fmt/format.h>

#include <utility>

#include "config/writer.h"
#include "cost/cost.h"
#include "fast/engine.h"
#include "mapping/mapping.h"
#include "stats/accuracy.h"
#include "stats/warnings.h"
#include "sweep/results_part.h"

namespace capcam {
namespace {

class StoppableMeter final : public ResultSink {
 public:
  StoppableMeter(AccuracyMeter& meter, const std::function<bool()>& stop) : meter_(meter), stop_(stop) {}
  void examine(const QueryResult& result) override { meter_.examine(result); }
  void take(const QueryResult& result) override { meter_.take(result); }
  bool stop_requested() const override { return stop_(); }

 private:
  AccuracyMeter& meter_;
  const std::function<bool()>& stop_;
};

}  // namespace

PointRunner::PointRunner(const SweepTraces& traces, double accuracy_share, std::function<bool()> stop_requested)
    : traces_(traces), accuracy_share_(accuracy_share), stop_requested_(std::move(stop_requested)) {}

Report PointRunner::run(const SweepPoint& point) {
  const SweepTrace& trace = *traces_[point.trace];
  const TraceShape& shape = trace.trace().shape;
  const Workload workload(trace.workload(), point.config);
  const Mapping mapping = map_onto(shape, point.config);

  RunStats stats = time_fast(workload, point.config, mapping, stop_requested_);
  const Accuracy accuracy = accuracy_of(point, workload, mapping);
  stats.warnings = run_warnings(stats, point.config, mapping);

  const Config& config = point.config;
  const auto cards = libraries_.get(config_to_json(config)["cost"].dump() + " " + config.memory.dram_card,
                                    [&] { return std::make_shared<const CardLibrary>(read_cards(config)); });
  Cost cost = price(stats, config, *cards, &shape);
  Report report = make_report(config, trace.info(), std::move(stats), std::move(cost), accuracy, "fast", config.seed);
  report.workload = workload_report(trace.budget(), std::nullopt, shape, trace.trace().layers.size(), report.time_us,
                                    report.cost.total_pj);
  return report;
}

Accuracy PointRunner::accuracy_of(const SweepPoint& point, const Workload& workload, const Mapping& mapping) {
  const auto measure = [&] {
    AccuracyMeter meter(workload, point.config, accuracy_share_);
    StoppableMeter sink(meter, stop_requested_);
    if (accuracy_share_ > 0.0) compute_fast(workload, point.config, mapping, sink, 1);
    return meter.result();
  };
  return accuracies_.get(results_group(point), measure);
}

std::string results_group(const SweepPoint& point) {
  return fmt::format("trace {} {}", point.trace, results_identity(point.config));
}

}  // namespace capcam
