// SPDX-License-Identifier: Apache-2.0
#include "cli/cost.h"

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "config/reader.h"
#include "cost/cost.h"
#include "report/cost_report.h"

namespace capcam {
namespace {

struct CostOptions {
  std::string config;
  std::vector<std::string> sets;
  bool json = false;
};

void show_cost(const CostOptions& options) {
  const Config config = read_config(resolve_config_path(options.config), options.sets);
  const CardLibrary library = read_cards(config);
  const Cost cost = price({}, config, library);
  if (options.json) {
    std::cout << cost_to_json(cost, library).dump(2) << '\n';
  } else {
    std::cout << cost_table(cost, library);
  }
}

}  // namespace

void setup_cost(CLI::App& app) {
  CLI::App* command = app.add_subcommand("cost", "Area and energy per action, each with its card and source");
  const auto options = std::make_shared<CostOptions>();
  command->add_option("CONFIG", options->config, "a TOML file, or the name of a shipped one (camformer)")->required();
  command->add_option("--set", options->sets, "change a key: --set memory.dram_card=hbm2")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  command->add_flag("--json", options->json, "print JSON");
  command->callback([options] { show_cost(*options); });
}

}  // namespace capcam
