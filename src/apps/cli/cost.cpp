// SPDX-License-Identifier: Apache-2.0
#include "apps/cli/cost.h"

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apps/cli/models_option.h"
#include "apps/cli/paths.h"
#include "apps/cli/streams.h"
#include "capcam/error.h"
#include "capcam/read_config.h"
#include "cost/drawn_price.h"
#include "cost/price.h"
#include "report/drawn.h"
#include "studies/price/accelergy.h"
#include "studies/price/comparison.h"
#include "studies/price/counts_file.h"
#include "studies/price/report.h"

namespace capcam {
namespace {

struct CostOptions {
  std::string config, versus, counts, accelergy;
  std::optional<std::string> models;
  std::vector<std::string> sets;
  bool json = false;
};

struct Priced {
  CardLibrary library;
  Cost cost;
  double frequency_ghz = 0.0;
  std::uint64_t head_queries = 0;       // head-queries of the run that is priced; 0: there is no run
  std::optional<std::uint64_t> cycles;  // cycles of that run
  std::vector<DrawnFigure> drawn;       // only of a library of unit cards
};

Priced price_config(const std::string& name, const CostOptions& options) {
  const Config config = read_config(resolve_config_path(name), options.sets, options.models);
  Priced priced;
  priced.library = read_cards(config, options.models);
  priced.frequency_ghz = config.clock.frequency_ghz;
  const bool draws = priced.library.priced_by == PricedBy::blocks && options.versus.empty();
  if (options.counts.empty()) {
    priced.cost = price({}, config, priced.library);
    if (draws) priced.drawn = drawn_figures({}, config, priced.library, nullptr);
    return priced;
  }
  const CountedRun run = read_counts(options.counts, config);
  priced.cost = price(run.stats, config, priced.library, &run.shape);
  if (draws) priced.drawn = drawn_figures(run.stats, config, priced.library, &run.shape);
  priced.head_queries = run.stats.head_queries;
  priced.cycles = run.stats.cycles;
  check_cost(priced.cost);
  return priced;
}

void show_cost(const CostOptions& options) {
  const Priced priced = price_config(options.config, options);
  if (!options.versus.empty()) {
    const Priced other = price_config(options.versus, options);
    const auto name = [](const std::string& config) { return std::filesystem::path(config).stem().string(); };
    std::cout << comparison_table({name(options.config), priced.cost}, {name(options.versus), other.cost},
                                  priced.head_queries);
    return;
  }
  if (!options.accelergy.empty()) {
    check_paths_differ(
        "capcam cost", {{"CONFIG", resolve_config_path(options.config)}, {"--counts", options.counts}},
        files_of_folder("--accelergy", options.accelergy, {"ERT.yaml", "ART.yaml", "action_counts.yaml"}));
    write_reference_tables(options.accelergy, priced.cost, priced.frequency_ghz, priced.cycles);
    for (const std::string& note : priced.cost.notes) say("warning: {}\n", note);
    std::cout << fmt::format("wrote ERT.yaml and ART.yaml to {}\n", options.accelergy);
    if (priced.cycles) {
      std::cout << fmt::format(
          "wrote action_counts.yaml; to price the run: accelergy {0}/ERT.yaml {0}/action_counts.yaml -f "
          "energy_estimation -o OUT\n",
          options.accelergy);
    } else {
      std::cout << "with --counts report.json also the action counts of that run\n";
    }
    return;
  }
  if (options.json) {
    nlohmann::ordered_json json = cost_to_json(priced.cost, priced.library, priced.head_queries);
    json["drawn"] = drawn_json(priced.drawn);
    show_json(json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
  } else {
    std::cout << cost_table(priced.cost, priced.library);
    if (priced.head_queries > 0) std::cout << run_cost_table(priced.cost, priced.head_queries);
    if (!priced.drawn.empty()) std::cout << "\n" << drawn_table(priced.drawn);
  }
}

}  // namespace

void setup_cost(CLI::App& app) {
  CLI::App* command = app.add_subcommand("cost", "Show area and energy per action, each with its card and source");
  const auto options = std::make_shared<CostOptions>();
  command->add_option("CONFIG", options->config, "a TOML file, or the name of a shipped one (camformer)")->required();
  command->add_option("--set", options->sets, "change a key: --set memory.dram_card=hbm2")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  add_models_option(*command, options->models);
  command->add_option("--counts", options->counts, "price a finished run again: its report.json");
  CLI::Option* versus = command->add_option("--vs", options->versus, "another configuration, side by side");
  CLI::Option* accelergy = command->add_option("--accelergy", options->accelergy,
                                               "folder for energy and area reference tables (ERT.yaml, ART.yaml)");
  command->add_flag("--json", options->json, "print JSON")->excludes(versus)->excludes(accelergy);
  versus->excludes(accelergy);
  command->callback([options] { show_cost(*options); });
}

}  // namespace capcam
