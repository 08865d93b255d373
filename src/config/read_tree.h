// Makes a checked Config of a TOML tree that has been read.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "capcam/config.h"
#include "config/toml_tree.h"

namespace capcam {

// Does what read_config does with a tree; the heading of its problems names `file`.
Config read_config_tree(const std::filesystem::path& file, TomlTree tree, const std::filesystem::path& own_models = {});

}  // namespace capcam
