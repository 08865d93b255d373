// SPDX-License-Identifier: Apache-2.0
#include "apps/cli/check.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "apps/cli/models_option.h"
#include "apps/cli/streams.h"
#include "capcam/converter.h"
#include "capcam/read_config.h"
#include "config/writer.h"
#include "cost/circuit_cards.h"
#include "cost/component_price.h"
#include "kernels/circuit_figures.h"
#include "report/circuit_text.h"

namespace capcam {
namespace {

struct CheckOptions {
  std::string config;
  std::optional<std::string> models;
  std::vector<std::string> sets;
  bool json = false;
  bool toml = false;
};

std::string counted(std::uint32_t count, std::string_view thing) {
  return fmt::format("{} {}{}", count, thing, count == 1 ? "" : "s");
}

std::string machine_text(const Config& c) {
  std::string text =
      fmt::format("  {} at {} GHz, {} a core of {} x {}\n", counted(c.accelerator.cores, "core"), c.clock.frequency_ghz,
                  counted(c.array.count, "array"), counted(c.array.rows, "row"), counted(c.array.columns, "column"));
  text += make_converter(c.sensing)->input() == ConverterInput::match_count
              ? "  ideal converters"
              : fmt::format("  {}-bit converters", c.sensing.bits);
  text += fmt::format(", {} each, {} a conversion; ", counted(c.sensing.rows_per_converter, "row"),
                      counted(c.sensing.conversion_cycles, "cycle"));
  text += c.top_n.tile_k == 0
              ? fmt::format("the best {} of all keys\n", c.top_n.n)
              : fmt::format("the best {} of each tile and of those the best {}\n", c.top_n.tile_k, c.top_n.n);
  if (c.array.interleave > 1) text += fmt::format("  keys go to {} tiles in turn\n", c.array.interleave);
  text += fmt::format("  priced by {}, DRAM by {}\n", c.cost.library, c.memory.dram_card);
  return text;
}

// Prints one line per key that differs from the published design.
std::string changes_text(const Config& config) {
  const nlohmann::ordered_json published = config_to_json(Config{});
  const nlohmann::ordered_json ours = config_to_json(config);
  std::string text;
  for (const auto& [section, keys] : ours.items()) {
    for (const auto& [key, value] : keys.items()) {
      const nlohmann::ordered_json& before = published[section][key];
      if (value != before)
        text += fmt::format("  {}.{} = {} instead of {}\n", section, key, value.dump(), before.dump());
    }
  }
  return text.empty() ? "  every key as in the published CAMformer design\n" : text;
}

void check(const CheckOptions& options) {
  const std::filesystem::path path = resolve_config_path(options.config);
  const Config config = read_config(path, options.sets, options.models);
  const CardLibrary cards = read_cards(config, options.models);
  machine_prices(config, cards);  // throws if prices are missing or have no meaning
  if (options.json) {
    show_json(config_to_json(config).dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
  } else if (options.toml) {
    show_data(config_to_toml(config));
  } else {
    std::cout << path.string() << ": ok\n" << machine_text(config) << changes_text(config);
    if (const auto circuit = circuit_figures(with_circuit_cards(config, cards)))
      std::cout << "\nThe circuit: " << circuit_text(*circuit);
  }
}

}  // namespace

void setup_check(CLI::App& app) {
  CLI::App* command = app.add_subcommand("check", "Validate a configuration");
  const auto options = std::make_shared<CheckOptions>();
  command->add_option("CONFIG", options->config, "a TOML file, or the name of a shipped one (camformer)")->required();
  command->add_option("--set", options->sets, "change a key: --set array.rows=32")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  add_models_option(*command, options->models);
  CLI::Option* json = command->add_flag("--json", options->json, "print every key as JSON");
  command->add_flag("--toml", options->toml, "print every key as TOML that can be read back")->excludes(json);
  command->callback([options] { check(*options); });
}

}  // namespace capcam
