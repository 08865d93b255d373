// SPDX-License-Identifier: Apache-2.0
#include "cli/spice.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "config/reader.h"
#include "core/error.h"
#include "spice/netlist.h"

namespace capcam {
namespace {

struct SpiceOptions {
  std::string config, row;
  std::vector<std::string> sets;
};

// "1101" cell by cell; empty: every other cell of a full row.
std::vector<bool> cells_of(const std::string& row, std::uint32_t columns) {
  std::vector<bool> cells;
  for (std::uint32_t i = 0; row.empty() && i < columns; ++i) cells.push_back(i % 2 == 0);
  for (const char c : row) {
    if (c != '0' && c != '1')
      throw InputError(fmt::format("--row: expected a 1 for every cell that matches and a 0 for every other, got \"{}\"", row));
    cells.push_back(c == '1');
  }
  if (cells.size() > columns)
    throw InputError(fmt::format("--row: {} cells are more than array.columns ({})", cells.size(), columns));
  return cells;
}

}  // namespace

void setup_spice(CLI::App& app) {
  CLI::App* command = app.add_subcommand("spice", "A row of the array as a netlist for ngspice, on stdout");
  const auto options = std::make_shared<SpiceOptions>();
  command->add_option("CONFIG", options->config, "a TOML file, or the name of a shipped one (camformer)")->required();
  command->add_option("--row", options->row, "a 1 for every cell that matches, a 0 for every other; default: 1010...");
  command->add_option("--set", options->sets, "change a key: --set sensing.leakage_pa=5")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  command->callback([options] {
    const Config config = read_config(resolve_config_path(options->config), options->sets);
    std::cout << row_netlist(config.sensing, cells_of(options->row, config.array.columns));
  });
}

}  // namespace capcam
