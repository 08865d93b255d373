// SPDX-License-Identifier: Apache-2.0
#include "apps/cli/spice.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "apps/cli/numbers.h"
#include "apps/cli/streams.h"
#include "capcam/converter.h"
#include "capcam/error.h"
#include "capcam/read_config.h"
#include "cost/circuit_cards.h"
#include "studies/spice/netlist.h"

namespace capcam {
namespace {

struct SpiceOptions {
  std::string config, row;
  std::uint64_t seed = 1;
  std::uint32_t core = 0, array = 0, array_row = 0;
  std::vector<std::string> sets;
};

std::vector<bool> every_other_cell(std::uint32_t columns) {
  std::vector<bool> cells;
  for (std::uint32_t i = 0; i < columns; ++i) cells.push_back(i % 2 == 0);
  return cells;
}

// Reads "1101", cell by cell.
std::vector<bool> cells_of(const std::string& row, std::uint32_t columns) {
  std::vector<bool> cells;
  for (const char c : row) {
    if (c != '0' && c != '1')
      throw InputError(
          fmt::format("--row: expected a 1 for every cell that matches and a 0 for every other, got \"{}\"", row));
    cells.push_back(c == '1');
  }
  if (cells.size() > columns)
    throw InputError(fmt::format("--row: {} cells are more than array.columns ({})", cells.size(), columns));
  return cells;
}

void check_kind(const SensingParams& sensing, std::vector<std::string>& problems) {
  if (make_converter(sensing)->input() == ConverterInput::charge) return;
  problems.push_back(fmt::format(
      "sensing.kind is {}: its rows share no charge, and the netlist is of a row that does; set a kind that "
      "reads charge (--set sensing.kind=sar; or flash, ramp)",
      sensing.kind));
}

}  // namespace

void setup_spice(CLI::App& app) {
  CLI::App* command = app.add_subcommand("spice", "Write a row of the array as a netlist for ngspice, to stdout");
  const auto options = std::make_shared<SpiceOptions>();
  command->add_option("CONFIG", options->config, "a TOML file, or the name of a shipped one (camformer)")->required();
  command->add_option("--row", options->row, "a 1 for every cell that matches, a 0 for every other; default: 1010...");
  command->add_option("--seed", options->seed, "seed of the cells' capacitances (sensing.matching_coefficient)")
      ->check(whole_number(0, std::numeric_limits<std::uint64_t>::max()));
  command->add_option("--core", options->core, "core of the array")->check(whole_number(0, 65535));
  command->add_option("--array", options->array, "array of the core")
      ->check(whole_number(0, std::numeric_limits<std::uint32_t>::max() - 1));
  command->add_option("--array-row", options->array_row, "row of the array")
      ->check(whole_number(0, std::numeric_limits<std::uint32_t>::max() - 1));
  command->add_option("--set", options->sets, "change a key: --set sensing.leakage_pa=5")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  command->callback([options] {
    Config config = read_config(resolve_config_path(options->config), options->sets);
    config = with_circuit_cards(config, read_cards(config));
    config.seed = options->seed;
    std::vector<std::string> problems;
    const auto below = [&problems](const char* option, std::uint32_t given, const char* key, std::uint32_t limit) {
      if (given >= limit)
        problems.push_back(fmt::format("{}: expected less than {} ({}), got {}", option, limit, key, given));
    };
    check_kind(config.sensing, problems);
    below("--core", options->core, "accelerator.cores", config.accelerator.cores);
    below("--array", options->array, "array.count", config.array.count);
    below("--array-row", options->array_row, "array.rows", config.array.rows);
    if (!problems.empty()) throw InputError("capcam spice", std::move(problems));
    std::vector<bool> matches =
        options->row.empty() ? every_other_cell(config.array.columns) : cells_of(options->row, config.array.columns);
    const NetlistRow row = drawn_row(config, options->core, options->array, options->array_row, std::move(matches));
    show_data(row_netlist(config, row));
  });
}

}  // namespace capcam
