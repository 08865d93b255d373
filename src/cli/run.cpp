// SPDX-License-Identifier: Apache-2.0
#include "cli/run.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <iostream>
#include <limits>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "cli/models_option.h"
#include "cli/numbers.h"
#include "cli/paths.h"
#include "cli/progress.h"
#include "config/reader.h"
#include "core/error.h"
#include "flow.h"

namespace capcam {
namespace {

struct RunOptions {
  RunRequest request;
  std::string config, trace, layers, out, vcd, timeline, models, dram_trace;
  std::string dram_format = "ramulator";
  bool json = false;
  BatteryRequest battery;
};

// Before the run: an output that replaces the trace is not seen until it is lost.
void check_paths(const RunOptions& options) {
  std::vector<std::string> names = {"report.json", "heads.csv", "scores.csv"};
  if (options.request.save_output) names.emplace_back("outputs.safetensors");
  std::vector<NamedPath> outputs = files_of_folder("--out", options.out, names);
  outputs.push_back({"--vcd", options.vcd});
  outputs.push_back({"--timeline", options.timeline});
  outputs.push_back({"--dram-trace", options.dram_trace});
  check_paths_differ("capcam run", {{"CONFIG", options.request.config}, {"--trace", options.trace}}, outputs);
}

void simulate(RunOptions& options) {
  RunRequest& request = options.request;
  request.config = resolve_config_path(options.config);
  request.trace = options.trace;
  request.models = options.models;
  if (!options.layers.empty()) request.layers = options.layers;
  if (!options.out.empty()) request.out = options.out;
  if (!options.vcd.empty()) request.watch.vcd = options.vcd;
  if (!options.timeline.empty()) request.watch.timeline = options.timeline;
  if (!options.dram_trace.empty()) request.dram_trace = options.dram_trace;
  for (const auto& format : dram_formats) {
    if (format.name == options.dram_format) request.dram_format = format.value;
  }
  if (options.battery.wh > 0.0) request.battery = options.battery;
  if (request.save_output && !request.out)
    throw InputError("--save-output needs --out: outputs.safetensors is written into that folder");
  check_paths(options);

  stop_on_signals();
  Report report;
  {
    Progress progress;
    report = run(request, progress);
  }
  for (const std::string& warning : report.warnings) fmt::print(stderr, "warning: {}\n", warning);
  std::cout << (options.json ? report_json_text(report) : report_table(report)) << std::flush;
}

}  // namespace

void setup_run(CLI::App& app) {
  CLI::App* command = app.add_subcommand("run", "Simulate a trace on a machine: cycles, energy, area, accuracy");
  const auto options = std::make_shared<RunOptions>();
  RunRequest& request = options->request;
  command->add_option("CONFIG", options->config, "a TOML file, or the name of a shipped one (camformer)")->required();
  command->add_option("--trace", options->trace, "a safetensors trace (capcam trace info FILE)")->required();
  command->add_option("--out", options->out, "folder for report.json, heads.csv and what else is asked for");
  command->add_option("--set", request.sets, "change a key: --set array.rows=32")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  add_models_option(*command, options->models);
  command
      ->add_option("--engine", request.engine, "systemc (the reference) or fast (the same figures); default: by size")
      ->check(CLI::IsMember({"systemc", "fast"}));
  command->add_option("--threads", request.threads, "of the fast engine; default: one a processor")
      ->check(whole_number(1, 4096));
  command->add_option("--layers", options->layers, "layers of the trace to replay: 0,3-5");
  command->add_option("--seed", request.seed, "of everything drawn at random")
      ->check(whole_number(0, std::numeric_limits<std::uint64_t>::max()))
      ->capture_default_str();
  command->add_option("--accuracy", request.accuracy_share, "share of the queries whose output is compared; 0: none")
      ->check(share())
      ->capture_default_str();
  command->add_flag("--save-output", request.save_output,
                    "write the attention outputs to outputs.safetensors in --out");
  command->add_option("--vcd", options->vcd, "write a waveform (GTKWave)");
  command->add_option("--timeline", options->timeline, "write the stages' timeline (Perfetto)");
  std::set<std::string> formats;
  std::string meanings = "line format of --dram-trace";
  for (const auto& format : dram_formats) {
    formats.emplace(format.name);
    meanings += fmt::format("\n{}: {}", format.name, format.doc);
  }
  auto* dram_trace =
      command->add_option("--dram-trace", options->dram_trace, "write the memory requests, to be replayed");
  command->add_option("--dram-format", options->dram_format, meanings)
      ->check(CLI::IsMember(formats))
      ->needs(dram_trace)
      ->capture_default_str();
  auto* battery =
      command
          ->add_option("--battery-wh", options->battery.wh, "capacity of a battery: report what the attention costs it")
          ->check(positive());
  command->add_option("--duty", options->battery.duty, "share of the time in which inferences are made, above 0")
      ->check(share())
      ->check(positive())
      ->needs(battery)
      ->capture_default_str();
  command->add_flag("--json", options->json, "print the report as JSON");
  command->callback([options] { simulate(*options); });
}

}  // namespace capcam
