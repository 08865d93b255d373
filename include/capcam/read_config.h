// From a TOML file and --set to a checked Config.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "capcam/config.h"

namespace capcam {

// Reads and checks; throws InputError with every problem (syntax, keys, types, ranges, relations) at once.
// `own_models`: a folder of the user's cards, laid out like models/; empty: none.
Config read_config(const std::filesystem::path& file, const std::vector<std::string>& sets = {},
                   const std::filesystem::path& own_models = {});

// The path as given if it exists, else the shipped configs/<name> or configs/<name>.toml. Throws InputError.
std::filesystem::path resolve_config_path(const std::string& given);

}  // namespace capcam
