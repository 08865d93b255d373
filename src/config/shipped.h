// The shipped configurations, by name.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace capcam {

// Returns configs/<name> or configs/<name>.toml of the shipped ones.
std::optional<std::filesystem::path> find_shipped_config(const std::string& name);

// Returns a hint for a name that is none of them: the nearest, if one is near, then all.
std::vector<std::string> shipped_config_help(const std::string& name);

}  // namespace capcam
