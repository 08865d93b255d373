// SPDX-License-Identifier: Apache-2.0
#include "apps/cli/selection.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "apps/cli/numbers.h"
#include "apps/cli/paths.h"
#include "apps/cli/progress.h"
#include "capcam/error.h"
#include "capcam/read_config.h"
#include "capcam/trace.h"
#include "core/atomic_file.h"
#include "studies/selection/report.h"
#include "studies/selection/study.h"
#include "trace/safetensors.h"
#include "workload/workload.h"

namespace capcam {
namespace {

struct SelectionOptions {
  std::string config, trace, layers, csv, markdown;
  std::vector<std::string> sets;
  std::uint64_t seed = 1;
  SelectionGrid grid;
};

void study(const SelectionOptions& options) {
  Config config = read_config(resolve_config_path(options.config), options.sets);
  config.seed = options.seed;
  SelectionGrid grid = options.grid;
  if (grid.rows.empty()) grid.rows = {config.array.rows};
  if (grid.interleave.empty()) grid.interleave = {config.array.interleave};
  if (grid.tile_k.empty()) grid.tile_k = {config.top_n.tile_k};
  if (grid.n.empty()) grid.n = {config.top_n.n};
  const std::vector<NamedPath> outputs{{"--csv", options.csv}, {"--markdown", options.markdown}};
  check_paths_differ("capcam selection", {{"CONFIG", resolve_config_path(options.config)}, {"--trace", options.trace}},
                     outputs);
  Trace trace = open_trace(options.trace);
  if (!options.layers.empty()) keep_layers(trace, options.layers);
  const Workload workload(trace, config);
  check_all_writable(outputs);
  stop_on_signals();
  SelectionStudy result;
  {
    Progress progress(trace.head_queries());
    const auto queries = static_cast<std::uint32_t>(trace.shape.queries);
    result = study_selection(workload, config, grid, [&](std::uint32_t head) {
      for (std::uint32_t query = 0; query < queries; ++query) progress.take({head, query, {}, {}});
      return progress.stop_requested();
    });
  }
  trace.file->check_unchanged();
  if (!options.csv.empty()) write_file_atomically(options.csv, selection_csv(result));
  if (!options.markdown.empty()) write_file_atomically(options.markdown, selection_markdown(result, config));
  std::cout << selection_table(result, config);
}

}  // namespace

void setup_selection(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "selection", "The share of one-stage selection that two-stage selection keeps, measured and estimated");
  const auto options = std::make_shared<SelectionOptions>();
  command->add_option("CONFIG", options->config, "a TOML file, or the name of a shipped one (camformer)")->required();
  command->add_option("--trace", options->trace, "a safetensors trace (capcam trace info FILE)")->required();
  command->add_option("--rows", options->grid.rows, "keys per tile: 8,16,32; default: array.rows")
      ->delimiter(',')
      ->check(whole_number(1, 65536));
  command
      ->add_option("--interleave", options->grid.interleave,
                   "tiles to which consecutive keys go in turn: 1,4,32; default: array.interleave")
      ->delimiter(',')
      ->check(whole_number(1, 1048576));
  command->add_option("--tile-k", options->grid.tile_k, "keys kept per tile (0: all): 1,2,4; default: top_n.tile_k")
      ->delimiter(',')
      ->check(whole_number(0, 65536));
  command->add_option("--n", options->grid.n, "keys kept per query: 16,32; default: top_n.n")
      ->delimiter(',')
      ->check(whole_number(1, 1048576));
  command->add_option("--layers", options->layers, "layers of the trace: 0,3-5");
  command->add_option("--seed", options->seed, "seed of the shuffles")
      ->check(whole_number(0, std::numeric_limits<std::uint64_t>::max()))
      ->capture_default_str();
  command->add_option("--set", options->sets, "change a key: --set sensing.bits=8")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  command->add_option("--csv", options->csv, "write one line per point");
  command->add_option("--markdown", options->markdown, "write the tables as Markdown");
  command->callback([options] { study(*options); });
}

}  // namespace capcam
