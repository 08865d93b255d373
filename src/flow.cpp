// SPDX-License-Identifier: Apache-2.0
#include "flow.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "config/reader.h"
#include "core/error.h"
#include "cost/cost.h"
#include "fast/engine.h"
#include "mapping/mapping.h"
#include "report/output_file.h"
#include "report/output_folder.h"
#include "stats/accuracy.h"
#include "stats/warnings.h"
#include "trace/trace.h"
#include "workload/budget.h"
#include "workload/workload.h"

namespace capcam {
namespace {

unsigned threads_or_all(unsigned threads) {
  return threads > 0 ? threads : std::max(1u, std::thread::hardware_concurrency());
}

// Up to so many query-key pairs the reference engine is the default: some ten seconds.
constexpr std::uint64_t systemc_pairs = std::uint64_t{1} << 27;

struct EngineChoice {
  std::string name;
  std::string why;
};

EngineChoice choose_engine(const RunRequest& request, const Workload& workload) {
  const bool watched = request.watch.vcd || request.watch.timeline;
  if (request.engine == "fast" && watched)
    throw InputError("--vcd and --timeline look into the SystemC modules: use --engine systemc");
  if (!request.engine.empty()) return {request.engine, "as asked"};
  const TraceShape& shape = workload.trace().shape;
  const std::uint64_t pairs = workload.head_count() * shape.queries * shape.keys;
  if (watched) return {"systemc", "--vcd and --timeline need it"};
  if (pairs <= systemc_pairs)
    return {"systemc", fmt::format("the reference; {} query-key pairs, at most {}", pairs, systemc_pairs)};
  return {"fast",
          fmt::format("{} query-key pairs, more than {}; --engine systemc for the reference", pairs, systemc_pairs)};
}

}  // namespace

Report run(const RunRequest& request, RunListener& listener) {
  Config config = read_config(request.config, request.sets, request.models);
  config.seed = request.seed;
  const CardLibrary cards = read_cards(config, request.models);
  Trace trace = open_trace(request.trace);
  const std::optional<WorkloadBudget> budget = read_budget(trace);
  if (request.layers) keep_layers(trace, *request.layers);
  std::optional<OutputFolder> folder;
  if (request.out) folder.emplace(*request.out);
  const Workload workload(trace, config);
  const Mapping mapping = map_onto(trace.shape, config);
  machine_prices(config, cards, &trace.shape);  // what cannot be priced is refused before a long run

  AccuracyMeter accuracy(workload, config, request.accuracy_share);
  std::optional<OutputFile> outputs;
  ResultFanOut sinks;
  sinks.add(accuracy);
  if (request.save_output) sinks.add(outputs.emplace(*request.out / "outputs.safetensors", trace));
  sinks.add(listener);
  std::optional<DramTrace> dram_trace;
  if (request.dram_trace)
    dram_trace.emplace(*request.dram_trace, request.dram_format, MemoryLayout(workload, config, mapping));
  DramLog* const dram_log = dram_trace ? &*dram_trace : nullptr;
  const EngineChoice engine = choose_engine(request, workload);
  listener.engine_chosen(engine.name, engine.why);
  listener.begins(workload.head_count() * trace.shape.queries);

  const bool results_wanted = request.accuracy_share > 0.0 || request.save_output;
  RunStats stats = engine.name != "fast" ? simulate_systemc(workload, config, mapping, sinks, request.watch, dram_log)
                   : results_wanted
                       ? simulate_fast(workload, config, mapping, sinks, threads_or_all(request.threads), dram_log)
                       : time_fast(
                             workload, config, mapping, [&listener] { return listener.stop_requested(); }, dram_log);
  const std::vector<std::string> of_machine = run_warnings(stats, config, mapping);
  stats.warnings.insert(stats.warnings.begin(), of_machine.begin(), of_machine.end());  // the engine has its own

  Cost cost = price(stats, config, cards, &trace.shape);
  Report report = make_report(config, trace_info(trace), std::move(stats), std::move(cost), accuracy.result(),
                              engine.name, request.seed);
  report.workload =
      workload_report(budget, request.battery, trace.shape, trace.layers.size(), report.time_us, report.cost.total_pj);
  if (outputs) outputs->finish();
  if (dram_trace) dram_trace->finish();
  if (request.out) write_report(*request.out, report);
  return report;
}

}  // namespace capcam
