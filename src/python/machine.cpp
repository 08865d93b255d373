// SPDX-License-Identifier: Apache-2.0
#include "python/machine.h"

#include <algorithm>
#include <optional>
#include <thread>
#include <utility>

#include "config/reader.h"
#include "cost/component_price.h"
#include "cost/cost.h"
#include "fast/engine.h"
#include "mapping/mapping.h"
#include "report/workload_report.h"
#include "stats/accuracy.h"
#include "stats/warnings.h"
#include "workload/budget.h"
#include "workload/workload.h"

namespace capcam::python {
namespace {

Config configured(const std::string& config, const std::vector<std::string>& sets, std::uint64_t seed) {
  Config result = read_config(resolve_config_path(config), sets);
  result.seed = seed;
  return result;
}

}  // namespace

Machine::Machine(const std::string& config, const std::vector<std::string>& sets, std::uint64_t seed,
                 const std::filesystem::path& models)
    : config_(configured(config, sets, seed)), cards_(read_cards(config_, models)) {}

Report Machine::replay(const Trace& trace, unsigned threads, double accuracy_share, ResultSink& outputs) const {
  const Workload workload(trace, config_);
  const Mapping mapping = map_onto(trace.shape, config_);
  machine_prices(config_, cards_, &trace.shape);  // what cannot be priced is refused before a long run
  AccuracyMeter accuracy(workload, config_, accuracy_share);
  ResultFanOut sinks;
  sinks.add(accuracy);
  sinks.add(outputs);
  if (threads == 0) threads = std::max(1u, std::thread::hardware_concurrency());
  RunStats stats = simulate_fast(workload, config_, mapping, sinks, threads);
  return report(trace, mapping, std::move(stats), accuracy.result());
}

Report Machine::time(const Trace& trace, const ResultSink& stop) const {
  const Workload workload(trace, config_);
  const Mapping mapping = map_onto(trace.shape, config_);
  RunStats stats = time_fast(workload, config_, mapping, [&stop] { return stop.stop_requested(); });
  return report(trace, mapping, std::move(stats), AccuracyMeter(workload, config_, 0.0).result());
}

Report Machine::report(const Trace& trace, const Mapping& mapping, RunStats stats, const Accuracy& accuracy) const {
  stats.warnings = run_warnings(stats, config_, mapping);
  Cost cost = price(stats, config_, cards_, &trace.shape);
  Report report =
      make_report(config_, trace_info(trace), std::move(stats), std::move(cost), accuracy, "fast", config_.seed);
  report.workload = workload_report(read_budget(trace), std::nullopt, trace.shape, trace.layers.size(), report.time_us,
                                    report.cost.total_pj);
  return report;
}

}  // namespace capcam::python
