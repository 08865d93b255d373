// SPDX-License-Identifier: Apache-2.0
#include "apps/cli/arguments.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vector>

#include "core/nearest.h"

namespace capcam {
namespace {

std::string empty_value_text(const std::string& text) {
  return text.empty() ? "expected a value, got an empty one (a variable that is not set?)" : "";
}

std::vector<std::string> names_of_commands(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(command->get_name());
  return names;
}

}  // namespace

void refuse_empty_values(CLI::App& app) {
  for (CLI::Option* option : app.get_options()) {
    if (option->get_items_expected_max() > 0)
      option->check(CLI::Validator(empty_value_text, ""));  // the option is not a flag
  }
  for (CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) refuse_empty_values(*command);
}

std::string unknown_command_text(const CLI::App& app) {
  for (const CLI::App* command : app.get_subcommands()) {  // the subcommands that were given
    if (std::string text = unknown_command_text(*command); !text.empty()) return text;
  }
  const std::vector<std::string> known = names_of_commands(app), surplus = app.remaining();
  if (known.empty() || !app.get_subcommands().empty() || surplus.empty()) return "";
  const std::string& given = surplus.front();
  if (given.starts_with('-')) return fmt::format("unknown option {}", given);
  const auto meant = nearest(given, known);
  return meant ? fmt::format("unknown command {}, did you mean {}?", given, *meant)
               : fmt::format("unknown command {}; commands: {}", given, fmt::join(known, ", "));
}

}  // namespace capcam
