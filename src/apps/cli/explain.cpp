// SPDX-License-Identifier: Apache-2.0
#include "apps/cli/explain.h"

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <string>

#include "config/explain.h"

namespace capcam {

void setup_explain(CLI::App& app) {
  CLI::App* command = app.add_subcommand("explain", "Explain configuration keys: default, range, unit and meaning");
  const auto key = std::make_shared<std::string>();
  command->add_option("KEY", *key, "a key (array.rows) or a section (array); without it, everything");
  command->callback([key] { std::cout << explain(*key); });
}

}  // namespace capcam
