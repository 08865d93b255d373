// Reads a TOML file and --set options into a checked Config.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "capcam/config.h"

namespace capcam {

// Throws InputError with every problem (syntax, keys, types, ranges, relations) at once. `own_models` is a folder of
// the user's cards, laid out like models/.
Config read_config(const std::filesystem::path& file, const std::vector<std::string>& sets = {},
                   const std::optional<std::filesystem::path>& own_models = {});

// Returns the path as given if it exists, else the shipped configs/<name> or configs/<name>.toml. Throws InputError.
std::filesystem::path resolve_config_path(const std::string& given);

}  // namespace capcam
