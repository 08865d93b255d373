// SPDX-License-Identifier: Apache-2.0
#include "flow.h"

#include <fmt/format.h>

#include "config/reader.h"
#include "cost/cost.h"
#include "mapping/mapping.h"
#include "report/output_file.h"
#include "stats/accuracy.h"
#include "trace/trace.h"
#include "workload/workload.h"

namespace capcam {
namespace {

void warn(RunStats& stats, const Config& config, const Mapping& mapping) {
  if (!mapping.keys_fit(config.memory, 1))
    stats.warnings.push_back(fmt::format(
        "the keys of a head ({} bytes) do not fit the key SRAM (memory.key_sram_kib = {}): they are fetched from DRAM at "
        "every use",
        mapping.key_bytes(mapping.keys), config.memory.key_sram_kib));
  if (config.accelerator.cores > 1 && stats.heads.size() < config.accelerator.cores)
    stats.warnings.push_back(fmt::format("{} heads cannot keep {} cores busy (accelerator.cores)", stats.heads.size(),
                                         config.accelerator.cores));
}

}  // namespace

Report run(const RunRequest& request, RunListener& listener) {
  const Config config = read_config(request.config, request.sets);
  const CardLibrary cards = read_cards(config);
  Trace trace = open_trace(request.trace);
  if (request.layers) keep_layers(trace, *request.layers);
  if (request.out) prepare_output_folder(*request.out);
  const Workload workload(trace, config);
  const Mapping mapping = map_onto(trace.shape, config);

  AccuracyMeter accuracy(workload, config, request.accuracy_share);
  std::optional<OutputFile> outputs;
  ResultFanOut sinks;
  sinks.add(accuracy);
  if (request.save_output) sinks.add(outputs.emplace(*request.out / "outputs.safetensors", trace));
  sinks.add(listener);
  listener.begins(workload.head_count() * trace.shape.queries);

  RunStats stats = simulate_systemc(workload, config, mapping, sinks, request.watch);
  warn(stats, config, mapping);

  Cost cost = price(stats, config, cards, &trace.shape);
  Report report = make_report(config, trace, std::move(stats), std::move(cost), accuracy.result(), "systemc", request.seed);
  if (outputs) outputs->finish();
  if (request.out) write_report(*request.out, report);
  return report;
}

}  // namespace capcam
