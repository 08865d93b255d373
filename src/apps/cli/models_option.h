// Adds the option --models DIR of every command that reads cards.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

namespace capcam {

inline void add_models_option(CLI::App& command, std::optional<std::string>& folder) {
  command.add_option("--models", folder, "a folder of cards of your own, laid out like models/ and looked at first")
      ->check(CLI::ExistingDirectory);
}

}  // namespace capcam
