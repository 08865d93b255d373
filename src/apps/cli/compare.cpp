// SPDX-License-Identifier: Apache-2.0
#include "apps/cli/compare.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "apps/cli/models_option.h"
#include "apps/cli/numbers.h"
#include "apps/cli/paths.h"
#include "apps/cli/progress.h"
#include "apps/cli/streams.h"
#include "capcam/error.h"
#include "capcam/read_config.h"
#include "capcam/trace.h"
#include "core/atomic_file.h"
#include "core/output_set.h"
#include "outputs/output_folder.h"
#include "studies/compare/compare.h"
#include "studies/compare/iso_accuracy.h"
#include "studies/compare/report.h"
#include "trace/safetensors.h"

namespace capcam {
namespace {

struct CompareOptions {
  std::string config, baseline = "dense", trace, layers, key_format = "bf16", iso = "throughput", out, markdown;
  std::optional<std::string> models;
  std::vector<std::string> sets;
  std::uint64_t seed = 1;
  unsigned threads = 0;
  double accuracy_share = 1.0, within = 0.0;
  bool json = false;
};

template <class E, std::size_t N>
E chosen(const Choice<E> (&choices)[N], const std::string& name) {
  return std::find_if(std::begin(choices), std::end(choices), [&](const auto& c) { return c.name == name; })->value;
}

// Both are priced by unit cards, whatever the configuration says, because a table of modules has no digital baseline.
Config config_of(const CompareOptions& options) {
  std::vector<std::string> sets{"cost.library=physical"};
  sets.insert(sets.end(), options.sets.begin(), options.sets.end());
  Config config = read_config(resolve_config_path(options.config), sets, options.models);
  config.seed = options.seed;
  return config;
}

void compare_units(const CompareOptions& options) {
  baseline::CompareRequest request;
  request.config = config_of(options);
  request.kind = chosen(baseline::kinds, options.baseline);
  request.models = options.models;
  request.format = chosen(baseline::key_formats, options.key_format);
  request.iso = chosen(baseline::iso_kinds, options.iso);
  request.accuracy_share = options.accuracy_share;
  request.threads = options.threads > 0 ? options.threads : std::max(1u, std::thread::hardware_concurrency());
  if (options.within > 0.0 && options.accuracy_share == 0.0)
    throw InputError("--within needs accuracies: --accuracy must not be 0");
  std::vector<NamedPath> outputs = files_of_folder("--out", options.out, {"compare.json"});
  outputs.push_back({"--markdown", options.markdown});
  check_paths_differ("capcam compare", {{"CONFIG", resolve_config_path(options.config)}, {"--trace", options.trace}},
                     outputs);
  Trace trace = open_trace(options.trace);
  if (!options.layers.empty()) keep_layers(trace, options.layers);
  std::optional<OutputFolder> folder;
  if (!options.out.empty()) folder.emplace(options.out);
  check_all_writable(outputs);
  stop_on_signals();
  const std::function<bool()> stop = stop_was_requested;
  const baseline::Comparison result = baseline::compare(request, trace, stop);
  std::optional<baseline::IsoAccuracy> within;
  if (options.within > 0.0) {
    within =
        baseline::smallest_within(options.within, request.config, trace, request.accuracy_share, request.threads, stop);
  }
  const std::string json =
      compare_to_json(result, within).dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  if (!options.markdown.empty()) write_file_atomically(options.markdown, compare_markdown(result));
  if (!options.out.empty()) write_set(options.out, {{"compare.json", json}});
  for (const std::string& note : result.machine.warnings) say("warning: {}\n", note);
  if (options.json) {
    show_json(json);
  } else {
    std::cout << compare_table(result, within);
  }
}

}  // namespace

void setup_compare(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "compare", "Compare the machine with a digital unit of the same throughput, priced by the same cards");
  const auto options = std::make_shared<CompareOptions>();
  command->add_option("CONFIG", options->config, "a TOML file, or the name of a shipped one (camformer)")->required();
  command
      ->add_option("--baseline", options->baseline,
                   "dense: all scores, full softmax, all values; digital-binary: one-bit keys by XNOR and popcount")
      ->check(CLI::IsMember({"dense", "digital-binary"}))
      ->capture_default_str();
  command->add_option("--trace", options->trace, "a safetensors trace (capcam trace info FILE)")->required();
  command->add_option("--keys-as", options->key_format, "bf16 or int8: the dense unit's queries, keys and values")
      ->check(CLI::IsMember({"bf16", "int8"}))
      ->capture_default_str();
  command->add_option("--iso", options->iso, "throughput or area: the quantity that is made equal")
      ->check(CLI::IsMember({"throughput", "area"}))
      ->capture_default_str();
  command
      ->add_option(
          "--within", options->within,
          "also find the fewest kept keys and bits with at most this relative L2 error against exact attention")
      ->check(positive());
  command->add_option("--layers", options->layers, "layers of the trace to replay: 0,3-5");
  command->add_option("--accuracy", options->accuracy_share, "share of the queries whose output is compared; 0: none")
      ->check(share())
      ->capture_default_str();
  command->add_option("--threads", options->threads, "threads; default: one per processor")
      ->check(whole_number(1, 4096));
  command->add_option("--seed", options->seed, "seed of everything drawn at random")
      ->check(whole_number(0, std::numeric_limits<std::uint64_t>::max()))
      ->capture_default_str();
  command->add_option("--set", options->sets, "change a key: --set cost.node_nm=28")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  add_models_option(*command, options->models);
  command->add_option("--out", options->out, "folder for compare.json");
  command->add_option("--markdown", options->markdown, "write the table as Markdown");
  command->add_flag("--json", options->json, "print JSON");
  command->callback([options] { compare_units(*options); });
}

}  // namespace capcam
