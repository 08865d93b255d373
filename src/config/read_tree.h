// A checked Config from a TOML tree that is at hand.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "capcam/config.h"
#include "config/toml_tree.h"

namespace capcam {

// The same of a tree that is at hand; `file` is what the heading of its problems names.
Config read_config_tree(const std::filesystem::path& file, TomlTree tree, const std::filesystem::path& own_models = {});

}  // namespace capcam
