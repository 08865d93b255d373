// SPDX-License-Identifier: Apache-2.0
#include "capcam/simulate.h"

#include <fmt/format.h>

#include <chrono>
#include <limits>
#include <string>
#include <utility>

#include "capcam/error.h"
#include "core/output_set.h"
#include "cost/cards/library.h"
#include "cost/circuit_cards.h"
#include "cost/drawn_price.h"
#include "cost/price.h"
#include "kernels/circuit_figures.h"
#include "mapping/mapping.h"
#include "outputs/dram_trace.h"
#include "outputs/output_file.h"
#include "report/make_report.h"
#include "report/workload_report.h"
#include "simulate/affordable_share.h"
#include "simulate/carried_exceptions.h"
#include "stats/accuracy_meter.h"
#include "stats/warnings.h"
#include "trace/safetensors.h"
#include "workload/budget.h"
#include "workload/workload.h"

namespace capcam {
namespace {

class StoppableMeter final : public ResultSink {
 public:
  StoppableMeter(AccuracyMeter& meter, const std::function<bool()>& stop) : meter_(meter), stop_(stop) {}
  void take(const QueryResult& result) override { meter_.take(result); }
  void examine(const QueryResult& result) override { meter_.examine(result); }
  bool stop_requested() const override { return stop_(); }

 private:
  AccuracyMeter& meter_;
  const std::function<bool()>& stop_;
};

// Says where figures mean nothing, because outputs or the scores of their references leave the range of fp32.
void add_range_warnings(const Workload& workload, std::uint64_t not_finite_outputs,
                        std::vector<std::string>& warnings) {
  const TraceShape& shape = workload.trace().shape;
  for (std::size_t layer = 0; layer < workload.trace().layers.size(); ++layer) {
    const double score = workload.score_scale(static_cast<std::uint32_t>(layer)) * static_cast<double>(shape.head_dim);
    if (score <= std::numeric_limits<float>::max()) continue;
    warnings.push_back(fmt::format(
        "layer {}: scores of {:.3g} are not finite numbers in fp32 (scale * sigma_q * sigma_k * head_dim): accuracy "
        "against exact attention means nothing",
        workload.trace().layers[layer].index, score));
  }
  if (not_finite_outputs > 0)
    warnings.push_back(fmt::format("{} outputs are not finite numbers (values are too large): accuracy means nothing",
                                   not_finite_outputs));
}

}  // namespace

Report simulate(const Config& given, const PreparedTrace& prepared, const Engine& engine,
                const SimulateOptions& options) {
  const Trace& trace = prepared.trace();
  const std::optional<WorkloadBudget> budget = read_budget(trace);
  std::optional<CardLibrary> own_cards;
  const CardLibrary& cards =
      options.cards != nullptr ? *options.cards : own_cards.emplace(read_cards(given, options.models));
  const Config config = with_circuit_cards(given, cards);
  const Workload workload(prepared.workload(), config);
  const Mapping mapping = map_onto(trace.shape, config);
  machine_prices(config, cards, &trace.shape);  // refuses a machine that cannot be priced before a long run

  StopWhen nobody;
  ResultSink& caller = options.results != nullptr ? *options.results : nobody;
  // The budget is known when the run is over. With an engine that is slow even without times it is never too small.
  const bool budgeted = options.accuracy_budget && engine.compute_threads();
  const bool measured_apart = budgeted || options.accuracy_memory;
  double share = options.accuracy_budget ? 1.0 : options.accuracy_share;
  AccuracyMeter meter(workload, config, measured_apart ? 0.0 : share);
  std::optional<OutputFile> outputs;
  ResultFanOut sinks;
  if (!measured_apart) sinks.add(meter);
  if (options.outputs_file) sinks.add(outputs.emplace(*options.outputs_file, trace));
  sinks.add(caller);
  std::optional<DramTrace> dram_trace;
  if (options.dram_trace)
    dram_trace.emplace(options.dram_trace->path, options.dram_trace->format, MemoryLayout(workload, config, mapping),
                       options.dram_trace->line_bytes);

  CarriedExceptions carried(sinks, dram_trace ? &*dram_trace : nullptr);
  EngineTask task{workload, config, mapping, carried};
  task.results_wanted = (share > 0.0 && !measured_apart) || outputs || options.results_wanted;
  task.dram_log = dram_trace ? &carried : nullptr;
  const auto start = std::chrono::steady_clock::now();
  RunStats stats = carried.run([&] { return engine.run(task); });
  if (budgeted) {
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    share = affordable_share(workload, config, *options.accuracy_budget * seconds, *engine.compute_threads());
  }
  const auto measure = [&] {
    return measure_accuracy(config, prepared, engine, share, [&] { return caller.stop_requested(); });
  };
  const Accuracy accuracy = options.accuracy_memory ? options.accuracy_memory(config, measure)
                            : budgeted              ? measure()
                                                    : meter.result();

  const std::vector<std::string> of_machine = run_warnings(stats, config, mapping);
  stats.warnings.insert(stats.warnings.begin(), of_machine.begin(), of_machine.end());  // the engine has its own
  add_range_warnings(workload, carried.not_finite_outputs(), stats.warnings);
  Cost cost = price(stats, config, cards, &trace.shape);
  Report report =
      make_report(given, prepared.info(), std::move(stats), std::move(cost), accuracy, engine.name(), config.seed);
  if (options.draw_cards && cards.priced_by == PricedBy::blocks)
    report.drawn = drawn_figures(report.stats, config, cards, &trace.shape);
  report.circuit = circuit_figures(config);
  report.workload = workload_report(budget, options.battery, trace.shape, trace.layers.size(), report.time_us,
                                    report.cost.total_pj.value);
  if (trace.file) trace.file->check_unchanged();  // before anything is written or told
  if (outputs && options.files != nullptr) {
    options.files->add(outputs->complete());
  } else if (outputs) {
    outputs->finish();
  }
  if (dram_trace) dram_trace->finish();
  return report;
}

Report simulate(const Config& config, const Trace& trace, const Engine& engine, const SimulateOptions& options) {
  return simulate(config, PreparedTrace(trace), engine, options);
}

Accuracy measure_accuracy(const Config& given, const PreparedTrace& prepared, const Engine& engine, double share,
                          const std::function<bool()>& stop_requested) {
  const Config config = needs_circuit_cards(given) ? with_circuit_cards(given, read_cards(given)) : given;
  const Workload workload(prepared.workload(), config);
  AccuracyMeter meter(workload, config, share);
  StoppableMeter sink(meter, stop_requested);
  if (share > 0.0) engine.compute({workload, config, map_onto(prepared.trace().shape, config), sink});
  if (prepared.trace().file) prepared.trace().file->check_unchanged();
  return meter.result();
}

}  // namespace capcam
