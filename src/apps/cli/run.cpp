// SPDX-License-Identifier: Apache-2.0
#include "apps/cli/run.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdint>
#include <iostream>
#include <iterator>
#include <limits>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "apps/cli/models_option.h"
#include "apps/cli/numbers.h"
#include "apps/cli/paths.h"
#include "apps/cli/progress.h"
#include "apps/cli/streams.h"
#include "capcam/error.h"
#include "capcam/read_config.h"
#include "capcam/simulate.h"
#include "capcam/systemc/engine.h"
#include "core/output_set.h"
#include "cost/cards/library.h"
#include "outputs/output_folder.h"
#include "report/files.h"

namespace capcam {
namespace {

struct RunOptions {
  std::string config, trace, layers, out, engine, vcd, timeline, cycles, dram_trace;
  std::optional<std::string> models;
  std::vector<std::string> sets;  // "array.rows=32"
  std::string dram_format = "ramulator";
  std::uint64_t seed = 1;
  std::uint32_t dram_line = 64;
  std::optional<unsigned> threads;
  std::string accuracy = "1";  // a share, or "auto"
  bool save_output = false;
  bool json = false;
  BatteryRequest battery;
};

// The files that a run leaves in --out; the last one only with --save-output.
constexpr const char* files_of_run[] = {"report.json", "heads.csv", "scores.csv", "outputs.safetensors"};

// The check comes before the run, because a trace that an output replaces is lost.
void check_paths(const RunOptions& options, const std::filesystem::path& config) {
  std::vector<std::string> names(std::begin(files_of_run), std::end(files_of_run));
  if (!options.save_output) names.pop_back();
  std::vector<NamedPath> outputs = files_of_folder("--out", options.out, names);
  outputs.push_back({"--vcd", options.vcd});
  outputs.push_back({"--timeline", options.timeline});
  outputs.push_back({"--dram-trace", options.dram_trace});
  check_paths_differ("capcam run", {{"CONFIG", config}, {"--trace", options.trace}}, outputs);
}

// With --accuracy auto, comparing outputs takes at most so many times as long as the simulation.
constexpr double auto_budget = 10.0;

// Up to so many query-key pairs, which take some ten seconds, the reference engine is the default.
constexpr std::uint64_t systemc_pairs = std::uint64_t{1} << 27;

struct EngineChoice {
  std::unique_ptr<Engine> engine;
  std::string why;
};

// "1000-2000"
void read_window(const std::string& text, SystemcOptions& watch) {
  if (text.empty()) return;
  const auto number = [](std::string_view digits, std::uint64_t& value) {
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return error == std::errc{} && end == digits.data() + digits.size();
  };
  const std::size_t dash = text.find('-');
  std::uint64_t& last = watch.last_cycle.emplace();
  if (dash == std::string::npos || !number(std::string_view(text).substr(0, dash), watch.first_cycle) ||
      !number(std::string_view(text).substr(dash + 1), last) || last < watch.first_cycle)
    throw InputError(fmt::format("--cycles: expected FROM-TO (1000-2000), got '{}'", text));
}

EngineChoice choose_engine(const RunOptions& options, const Trace& trace) {
  SystemcOptions watch;
  if (!options.vcd.empty()) watch.vcd = options.vcd;
  if (!options.timeline.empty()) watch.timeline = options.timeline;
  read_window(options.cycles, watch);
  const bool watched = watch.vcd || watch.timeline;
  if (options.engine == "fast" && watched)
    throw InputError("--vcd and --timeline look into the SystemC modules: use --engine systemc");
  const auto fast = [&](std::string why) { return EngineChoice{fast_engine(options.threads), std::move(why)}; };
  const auto systemc = [&](std::string why) { return EngineChoice{systemc_engine(watch), std::move(why)}; };
  if (options.engine == "fast") return fast("as asked");
  if (options.engine == "systemc") return systemc("as asked");
  if (watched) return systemc("--vcd and --timeline need it");
  const std::uint64_t pairs = trace.head_queries() * trace.shape.keys;
  if (pairs <= systemc_pairs)
    return systemc(fmt::format("the reference; {} query-key pairs, at most {}", pairs, systemc_pairs));
  return fast(
      fmt::format("{} query-key pairs, more than {}; --engine systemc for the reference", pairs, systemc_pairs));
}

SimulateOptions simulate_options(const RunOptions& options) {
  SimulateOptions wanted;
  if (options.accuracy == "auto") {
    wanted.accuracy_budget = auto_budget;
  } else {
    wanted.accuracy_share = number_in(options.accuracy).value_or(1.0);
  }
  wanted.models = options.models;
  wanted.draw_cards = true;
  if (options.battery.wh > 0.0) wanted.battery = options.battery;
  if (options.save_output) wanted.outputs_file = std::filesystem::path(options.out) / "outputs.safetensors";
  if (!options.dram_trace.empty()) wanted.dram_trace = {options.dram_trace, DramFormat::ramulator, options.dram_line};
  for (const auto& format : dram_formats) {
    if (wanted.dram_trace && format.name == options.dram_format) wanted.dram_trace->format = format.value;
  }
  return wanted;
}

Report replay(const RunOptions& options, const std::filesystem::path& config_path) {
  Config config = read_config(config_path, options.sets, options.models);
  config.seed = options.seed;
  const CardLibrary cards = read_cards(config, options.models);
  Trace trace = open_trace(options.trace);
  if (!options.layers.empty()) keep_layers(trace, options.layers);
  std::optional<OutputFolder> folder;
  if (!options.out.empty()) folder.emplace(options.out);
  const EngineChoice choice = choose_engine(options, trace);
  say("engine: {} ({})\n", choice.engine->name(), choice.why);
  Progress progress(trace.head_queries());
  SimulateOptions wanted = simulate_options(options);
  wanted.results = &progress;
  wanted.cards = &cards;
  OutputSet files(options.out);
  if (folder) {
    for (const char* name : files_of_run) files.check_name(name);
    wanted.files = &files;
  }
  Report report = simulate(config, trace, *choice.engine, wanted);
  if (options.accuracy == "auto") {
    say("accuracy: {} of {} head-queries (--accuracy {}), at most {:.0f} times the simulation\n",
        report.accuracy.measured_queries, trace.head_queries(), report.accuracy.share, auto_budget);
  }
  if (folder) {
    add_report(files, report);
    files.publish();
  }
  return report;
}

void run(const RunOptions& options) {
  const std::filesystem::path config = resolve_config_path(options.config);
  if (options.save_output && options.out.empty())
    throw InputError("--save-output needs --out: outputs.safetensors is written into that folder");
  check_paths(options, config);
  stop_on_signals();
  const Report report = replay(options, config);
  for (const std::string& warning : report.warnings) say("warning: {}\n", warning);
  if (options.json) {
    show_json(report_json_text(report));
  } else {
    std::cout << report_table(report);
  }
}

}  // namespace

void setup_run(CLI::App& app) {
  CLI::App* command = app.add_subcommand("run", "Simulate a trace on a machine: cycles, energy, area, accuracy");
  const auto options = std::make_shared<RunOptions>();
  command->add_option("CONFIG", options->config, "a TOML file, or the name of a shipped one (camformer)")->required();
  command->add_option("--trace", options->trace, "a safetensors trace (capcam trace info FILE)")->required();
  command->add_option("--out", options->out, "folder for report.json, heads.csv and other requested files");
  command->add_option("--set", options->sets, "change a key: --set array.rows=32")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  add_models_option(*command, options->models);
  command
      ->add_option("--engine", options->engine, "systemc (the reference) or fast (the same figures); default: by size")
      ->check(CLI::IsMember({"systemc", "fast"}));
  command->add_option("--threads", options->threads, "threads of the fast engine; default: one per processor")
      ->check(whole_number(1, 4096));
  command->add_option("--layers", options->layers, "layers of the trace to replay: 0,3-5");
  command->add_option("--seed", options->seed, "seed of everything drawn at random")
      ->check(whole_number(0, std::numeric_limits<std::uint64_t>::max()))
      ->capture_default_str();
  command
      ->add_option("--accuracy", options->accuracy,
                   "share of the queries whose output is compared, evenly spread, at least one of every head; 0: none; "
                   "auto: as many as take ten times the simulation")
      ->check(share_or("auto"))
      ->capture_default_str();
  command->add_flag("--save-output", options->save_output,
                    "write the attention outputs to outputs.safetensors in --out");
  command->add_option("--vcd", options->vcd, "write a waveform (GTKWave)");
  command->add_option("--timeline", options->timeline, "write the stages' timeline (Perfetto)");
  command->add_option("--cycles", options->cycles, "of waveform and timeline, first and last: 1000-2000; default: all");
  std::set<std::string> formats;
  std::string meanings = "line format of --dram-trace";
  for (const auto& format : dram_formats) {
    formats.emplace(format.name);
    meanings += fmt::format("\n{}: {}", format.name, format.doc);
  }
  auto* dram_trace =
      command->add_option("--dram-trace", options->dram_trace, "write the memory requests for other simulators");
  command->add_option("--dram-format", options->dram_format, meanings)
      ->check(CLI::IsMember(formats))
      ->needs(dram_trace)
      ->capture_default_str();
  command->add_option("--dram-line", options->dram_line, "bytes of a line of that memory: 64, or 32 (HBM2)")
      ->check(CLI::IsMember({"32", "64"}))
      ->needs(dram_trace)
      ->capture_default_str();
  auto* battery = command
                      ->add_option("--battery-wh", options->battery.wh,
                                   "capacity of a battery, whose load by attention is reported")
                      ->check(positive());
  command->add_option("--duty", options->battery.duty, "share of the time in which inferences are made, above 0")
      ->check(share())
      ->check(positive())
      ->needs(battery)
      ->capture_default_str();
  command->add_flag("--json", options->json, "print the report as JSON");
  command->callback([options] { run(*options); });
}

}  // namespace capcam
